"""Serializes fitted models as readable JSON, without pickles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from patron.predict.errors import ParameterError
from patron.predict.models.likelihood.arrays import Floats
from patron.predict.models.likelihood.fit import Convergence

_FORMAT = 1
_LIBRARIES = ("patron", "numpy", "scipy")


@dataclass(frozen=True)
class Estimates:
    """The results of a fit beyond the parameters, in the shapes, units and order of the attributes of `Estimated`."""

    standard_errors: dict[str, float]
    covariance_log: Floats
    log_likelihood: float
    customers: float
    convergence: Convergence


@dataclass(frozen=True)
class SavedModel:
    """A saved model. model: the name of its class. estimates: None if it was made by `from_params`.

    effects: of covariates, as `Effect.to_dict` returns them.
    """

    model: str
    penalty: float
    exact: bool
    params: dict[str, float]
    estimates: Estimates | None
    effects: tuple[Mapping[str, Any], ...] = ()


def to_dict(saved: SavedModel) -> dict[str, Any]:
    """Return the model as values that JSON can hold, with the versions of the libraries that made it."""
    content: dict[str, Any] = {"model": saved.model, "format": _FORMAT, "versions": get_versions()}
    content |= {"penalty": saved.penalty, "exact": saved.exact, "params": dict(saved.params)}
    if saved.effects:
        content["effects"] = [dict(effect) for effect in saved.effects]
    if (found := saved.estimates) is not None:
        content["standard_errors"] = dict(found.standard_errors)
        content["covariance_log"] = found.covariance_log.tolist()
        content["log_likelihood"], content["customers"] = found.log_likelihood, found.customers
        content["convergence"] = {f.name: getattr(found.convergence, f.name) for f in fields(Convergence)}
    return content


def from_dict(model: str, content: Mapping[str, Any]) -> SavedModel:
    """Read what `to_dict` returned. Raises ParameterError if it is another model's, or of another format."""
    if content.get("model") != model or content.get("format") != _FORMAT:
        what = f"This is a {content.get('model')} of format {content.get('format')}, not a {model} of {_FORMAT}."
        raise ParameterError(what, do="read it with the class that wrote it, or fit again")
    params, penalty, exact = content["params"], float(content["penalty"]), bool(content["exact"])
    estimates = _read_estimates(content) if "covariance_log" in content else None
    return SavedModel(model, penalty, exact, params, estimates, tuple(content.get("effects", ())))


def _read_estimates(content: Mapping[str, Any]) -> Estimates:
    account: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in content["convergence"].items()}
    covariance = np.array(content["covariance_log"], dtype=np.float64)
    return Estimates(
        standard_errors=dict(content["standard_errors"]),
        covariance_log=covariance,
        log_likelihood=content["log_likelihood"],
        customers=content["customers"],
        convergence=Convergence(**account),
    )


def get_versions() -> dict[str, str]:
    """Return the versions of the libraries that the numbers depend on."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from its source
            found[name] = "source"
    return found
