"""Models as readable JSON: no pickles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from patron.predict.errors import ParameterError
from patron.predict.models.likelihood.fit import Convergence

if TYPE_CHECKING:
    from patron.predict.models.likelihood.estimator import Estimated

Model = TypeVar("Model", bound="Estimated")

_FORMAT = 1
_LIBRARIES = ("patron", "numpy", "scipy")


def stored(model: Estimated) -> dict[str, Any]:
    """Everything that a fitted model knows, as plain values."""
    model._values()
    content: dict[str, Any] = {"model": type(model).__name__, "format": _FORMAT, "versions": versions()}
    content |= {"penalty": model.penalty, "exact": model.exact, "params": dict(model.params_)}
    if hasattr(model, "covariance_log_"):
        content["standard_errors"] = dict(model.standard_errors_)
        content["covariance_log"] = model.covariance_log_.tolist()
        content["log_likelihood"], content["customers"] = model.log_likelihood_, model.customers_
        content["convergence"] = {f.name: getattr(model.convergence_, f.name) for f in fields(Convergence)}
    return content


def restored(kind: type[Model], content: Mapping[str, Any]) -> Model:
    """The model again. Raises ParameterError."""
    if content.get("model") != kind.__name__ or content.get("format") != _FORMAT:
        what = (
            f"This is a {content.get('model')} of format {content.get('format')}, not a {kind.__name__} of {_FORMAT}."
        )
        raise ParameterError(what, do="read it with the class that wrote it, or fit again")
    model = kind.from_params(content["params"])
    model.penalty, model.exact = float(content["penalty"]), bool(content["exact"])
    if "covariance_log" in content:
        model.standard_errors_ = dict(content["standard_errors"])
        model.covariance_log_ = np.array(content["covariance_log"], dtype=np.float64)
        model.log_likelihood_, model.customers_ = content["log_likelihood"], content["customers"]
        told: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in content["convergence"].items()}
        model.convergence_ = Convergence(**told)
    return model


def versions() -> dict[str, str]:
    """The libraries that the numbers depend on."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from its source
            found[name] = "source"
    return found
