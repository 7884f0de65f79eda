"""What a model cannot be fitted on or asked for, and what to do instead."""

from __future__ import annotations

from patron.errors import PatronError


class HistoryError(PatronError):
    """A customer's figures contradict themselves, or are no numbers; nothing was computed."""

    kind = "history"


class NotIdentifiableError(PatronError):
    """The customers given do not determine the model, whatever method is used."""

    kind = "not_identifiable"


class NotFittedError(PatronError):
    """A model was asked before it had parameters."""

    kind = "not_fitted"


class ParameterError(PatronError):
    """A parameter is missing, unknown, or outside of its domain."""

    kind = "parameter"
