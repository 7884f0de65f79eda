"""Reproduces the published results on the CDNOW sample: a tenth of the customers acquired in early 1997.

The file is Fader and Hardie's: customer, number in the sample, day (yyyymmdd), CDs, dollars. Their conventions: weeks
are days / 7; purchases of a day are one; 39 weeks to calibrate on, to 1997-09-30; spend is the mean of repeats.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from patron.errors import SourceError
from patron.predict.models.time_units import DAYS_A_WEEK
from patron.predict.verify.check import Check, half_unit_of_third_digit

if TYPE_CHECKING:
    from patron.predict.models.likelihood.arrays import Floats

END, LAST = date(1997, 9, 30).toordinal(), date(1998, 6, 30).toordinal()
ACTUAL = 1882
"""Repeat purchases of weeks 40 to 78."""

SOURCES = {
    "BGNBD": "Fader, Hardie and Lee 2005",
    "ParetoNBD": "Fader, Hardie and Lee 2005",
    "MBGNBD": "Bemmaor and Glady 2012",
    "GammaGamma": "Fader and Hardie 2013",
}
PUBLISHED: dict[str, tuple[dict[str, float], float]] = {
    "BGNBD": ({"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}, -9582.43),
    "ParetoNBD": ({"r": 0.5531, "alpha": 10.576, "s": 0.6063, "beta": 11.671}, -9594.98),
    "MBGNBD": ({"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, -9582.13),
    "GammaGamma": ({"p": 6.25, "q": 3.74, "gamma": 15.44}, -4055.92),
}
"""Parameters (weeks, dollars) and log-likelihood."""


@dataclass(frozen=True)
class Sample:
    """One entry per customer, in weeks and dollars. repeats: in weeks 40 to 78. mean_value: of repeats, or 0.

    log_gaps: the sum of ln(gap in weeks) over a customer's gaps.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    mean_value: Floats
    repeats: Floats
    log_gaps: Floats


def read_sample(folder: Path) -> Sample:
    """Read the sample. Raises SourceError."""
    path = folder / "CDNOW_sample.txt"
    try:
        rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        spent: dict[str, dict[int, float]] = {}
        for _, customer, day, _, dollars in rows:
            days = spent.setdefault(customer, {})
            on = date.fromisoformat(day).toordinal()
            days[on] = days.get(on, 0.0) + float(dollars)
    except (OSError, ValueError) as error:
        what = f"The CDNOW sample cannot be read: {error}."
        raise SourceError(what, where=str(path), do="name the folder of Fader and Hardie's CDNOW_sample.txt") from error
    return Sample(*np.array([_summarize_customer(days) for days in spent.values()]).T)


def _summarize_customer(spent: Mapping[int, float]) -> tuple[float, float, float, float, float, float]:
    days = sorted(day for day in spent if day <= END)
    repeats = sum(END < day <= LAST for day in spent)
    values = [spent[day] for day in days[1:]]
    mean = sum(values) / len(values) if values else 0.0
    recency, age = (days[-1] - days[0]) / DAYS_A_WEEK, (END - days[0]) / DAYS_A_WEEK
    return len(values), recency, age, mean, repeats, float(np.log(np.diff(days) / DAYS_A_WEEK).sum())


def run_checks(folder: Path) -> Iterator[Check]:
    """Check parameters to three significant digits, log-likelihoods within 0.01, and the holdout's total within 1%."""
    from patron import predict

    sample = read_sample(folder)
    history = sample.frequency, sample.recency, sample.age
    ahead = (LAST - END) / DAYS_A_WEEK
    yield Check("CDNOW sample", "repeat purchases of weeks 40 to 78, counted", ACTUAL, float(sample.repeats.sum()), 0)
    for kind in (predict.BGNBD, predict.ParetoNBD, predict.MBGNBD):
        section, (params, height) = f"{kind.name}, {SOURCES[kind.__name__]}", PUBLISHED[kind.__name__]
        model = kind().fit(*history)
        yield from _compare(section, params, height, model.params_, model.log_likelihood_)
        expected = float(kind.from_params(params).expected_purchases(ahead, *history).sum())
        found = float(model.expected_purchases(ahead, *history).sum())
        yield Check(section, f"weeks 40 to 78 (actual: {ACTUAL:,})", expected, found, expected / 100)
    regular = predict.MBGCNBDK().fit(*history, log_gaps=float(sample.log_gaps.sum()))
    section = "MBG/CNBD-k, demonstration cdnow of BTYDplus 1.2"
    yield Check(section, "k: no regularity", 1, regular.params_["k"], 0)
    yield Check(section, "log-likelihood, that of MBG/NBD", PUBLISHED["MBGNBD"][1], regular.log_likelihood_, 0.01)
    repeaters = sample.mean_value > 0
    yield Check("CDNOW sample", "customers with a repeat purchase", 946, float(repeaters.sum()), 0)
    spend = predict.GammaGamma().fit(sample.frequency[repeaters], sample.mean_value[repeaters])
    section, published = f"{spend.name}, {SOURCES['GammaGamma']}", PUBLISHED["GammaGamma"]
    yield from _compare(section, *published, spend.params_, spend.log_likelihood_)


def _compare(
    section: str, params: Mapping[str, float], height: float, found: Mapping[str, float], found_height: float
) -> Iterator[Check]:
    for name, value in params.items():
        yield Check(section, name, value, found[name], half_unit_of_third_digit(value))
    yield Check(section, "log-likelihood", height, found_height, 0.01)
