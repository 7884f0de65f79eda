"""Reproduces the published effects of covariates on the simulated apparel retailer of the package CLVTools.

The files are its data sets apparelTrans (600 customers) and apparelStaticCov, written by R with
`write.csv(apparelTrans, "apparelTrans.csv", row.names = FALSE)`: columns Id and Date, and Id, Gender and Channel. As in
the package's walkthrough: weeks are days / 7; purchases of a day are one; 104 weeks to calibrate on.

Its figures are those of another optimizer, which stops a little below the maximum (log-likelihood -5821.062693 at its
figures, -5821.062686 at patron's). So an estimate may differ by half a unit of the third digit, or by a hundredth of
the published standard error.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from patron.errors import SourceError
from patron.predict.models.time_units import DAYS_A_WEEK
from patron.predict.verify.check import Check, half_unit_of_third_digit

if TYPE_CHECKING:
    from patron.predict.models.likelihood.arrays import Floats

WEEKS = 104
WITHOUT = {"r": (1.4490, 0.2434), "alpha": (48.6361, 7.4892), "s": (0.5613, 0.2710), "beta": (46.8844, 35.6114)}
WITH = {"r": (1.8387, 0.3457), "alpha": (92.9435, 16.9749), "s": (0.5913, 0.2603), "beta": (49.5048, 36.1444)}
EFFECTS = {
    ("dropout", "Gender"): (-0.6428, 0.2956),
    ("dropout", "Channel"): (0.7902, 0.3058),
    ("purchase", "Gender"): (0.2860, 0.1041),
    ("purchase", "Channel"): (0.6239, 0.1049),
}
HEIGHTS = (-5848.0978, -5821.0627)
"""Published: estimates with standard errors, without and with covariates, and the log-likelihoods."""

_SECTION = "Pareto/NBD with covariates, walkthrough of CLVTools 0.12"
_OF_AN_ERROR = 0.01


def run_checks(folder: Path) -> Iterator[Check]:
    """Check estimates, standard errors and log-likelihoods, without covariates and with them. Raises SourceError."""
    from patron.predict import ParetoNBD

    history, covariates = read_customers(folder)
    plain = ParetoNBD().fit(*history)
    yield Check(_SECTION, "log-likelihood without covariates", HEIGHTS[0], plain.log_likelihood_, 0.001)
    for name, published in WITHOUT.items():
        yield from _compare(f"{name} without covariates", published, plain.params_[name], plain.standard_errors_[name])
    model = ParetoNBD().fit(*history, purchase_covariates=covariates, dropout_covariates=covariates)
    yield Check(_SECTION, "log-likelihood", HEIGHTS[1], model.log_likelihood_, 0.001)
    for name, published in WITH.items():
        yield from _compare(name, published, model.params_[name], model.standard_errors_[name])
    for effect in model.effects_:
        published = EFFECTS[effect.process, effect.covariate]
        yield from _compare(effect.label, published, effect.estimate, effect.standard_error)


def _compare(name: str, published: tuple[float, float], estimate: float, error: float) -> Iterator[Check]:
    value, spread = published
    allowed = max(half_unit_of_third_digit(value), _OF_AN_ERROR * spread)
    yield Check(_SECTION, name, value, estimate, allowed)
    yield Check(_SECTION, f"{name}, standard error", spread, error, half_unit_of_third_digit(spread))


def read_customers(folder: Path) -> tuple[tuple[Floats, Floats, Floats], dict[str, Floats]]:
    """Read frequency, recency and age, in weeks, and the covariates by name. Raises SourceError."""
    try:
        days: dict[str, set[int]] = {}
        for row in _read(folder / "apparelTrans.csv"):
            days.setdefault(row["Id"], set()).add(date.fromisoformat(row["Date"]).toordinal())
        end = min(map(min, days.values())) + int(WEEKS * DAYS_A_WEEK)
        rows = [(sorted(day for day in days[row["Id"]] if day <= end), row) for row in _read(folder / _COVARIATES)]
        covariates = {name: np.array([float(row[name]) for _, row in rows]) for name in ("Gender", "Channel")}
        figures = [(len(own) - 1, own[-1] - own[0], end - own[0]) for own, _ in rows]
    except (OSError, ValueError, KeyError) as error:
        what = f"The apparel retailer's customers cannot be read: {error}."
        do = f"write CLVTools's apparelTrans and apparelStaticCov as apparelTrans.csv and {_COVARIATES}"
        raise SourceError(what, where=str(folder), do=do) from error
    x, last, now = np.array(figures, dtype=np.float64).T
    return (x, last / DAYS_A_WEEK, now / DAYS_A_WEEK), covariates


_COVARIATES = "apparelStaticCov.csv"


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
