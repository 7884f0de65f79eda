"""Errors of the models: invalid data and arguments."""

from __future__ import annotations

from patron.errors import PatronError


class HistoryError(PatronError):
    """A customer's figures are contradictory or not numeric; nothing was computed."""

    kind = "history"


class NotIdentifiableError(PatronError):
    """The data do not determine the model's parameters, whatever method is used."""

    kind = "not_identifiable"


class NotFittedError(PatronError):
    """A model was used before it had parameters."""

    kind = "not_fitted"


class ParameterError(PatronError):
    """A parameter is missing, unknown, or outside its domain."""

    kind = "parameter"
