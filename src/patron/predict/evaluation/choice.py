"""Chooses a shop's default purchase model by how the models performed on its past.

1. Candidates are the models that could be fitted at every origin.
2. Those that rank customers nearly as well as the best remain: mean normalised Gini within GINI_TOLERANCE of the
   highest.
3. Of these, the one with the lowest mean deviance of its forecasts, each corrected by the windows before it
   (recalibration.py), as a run corrects them: the error of customers' expected purchases, of which values are made.
4. A lead of less than LEAD is chance with so few origins. Of those that are as good, the one with the most accurate
   totals is used: the lowest mean |ln(predicted total / actual total)|.
5. Where these differ by less than TOTAL_LEAD (2% of a total), the first of MBG/CNBD-k, MBG/NBD, Pareto/NBD and BG/NBD
   is used. MBG/CNBD-k is a candidate only where regular intervals are likelier than random ones:
   it is MBG/NBD, with the order of who is due. BG/NBD comes last because it is certain that whoever bought once is
   still a customer (P(alive) = 1).

Baselines are not candidates, but are compared: if one both ranks customers as well as the chosen model and has as
accurate a total, the reason says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from statistics import fmean

GINI_TOLERANCE = 0.02
LEAD = 0.005
"""As a share of the lowest deviance."""

TOTAL_LEAD = 0.02


@dataclass(frozen=True)
class Record:
    """A model's means over the origins.

    log_ratio: mean |ln(predicted / actual)| of the totals. deviance: of customers' purchases, with the forecasts
    corrected (metrics.compute_deviance); not a number for baselines, which are not corrected.
    """

    log_ratio: float
    gini: float
    deviance: float
    origins: int


@dataclass(frozen=True)
class Choice:
    """The default model (None if none could be fitted), why, as a sentence, and whether it beats each baseline."""

    model: str | None
    why: str
    beats: Mapping[str, bool]


def choose(records: Mapping[str, Record], preferred: Sequence[str], baselines: Sequence[str]) -> Choice:
    """Choose the default. records: by name, of models and baselines. preferred: the models; of equals, the first."""
    origins = max((record.origins for record in records.values()), default=0)
    able = [name for name in preferred if name in records and records[name].origins == origins]
    if not able:
        return Choice(None, "no model could be fitted at every origin", {})
    best_gini = max(records[name].gini for name in able)
    good = [name for name in able if records[name].gini >= best_gini - GINI_TOLERANCE]
    least = min(records[name].deviance for name in good)
    as_good = [name for name in good if records[name].deviance <= least * (1 + LEAD)]
    nearest = min(records[name].log_ratio for name in as_good)
    chosen = next(name for name in as_good if records[name].log_ratio <= nearest + TOTAL_LEAD)
    beats = {name: _is_better(records[chosen], records[name]) for name in baselines if name in records}
    return Choice(chosen, _describe(chosen, records[chosen], beats), beats)


def average_record(log_ratios: Sequence[float], ginis: Sequence[float], deviance: float) -> Record:
    """Average the record of one model over its origins. Raises StatisticsError without any."""
    return Record(fmean(log_ratios), fmean(ginis), deviance, len(ginis))


def _is_better(model: Record, baseline: Record) -> bool:
    return model.gini > baseline.gini or model.log_ratio < baseline.log_ratio


def _describe(name: str, record: Record, beats: Mapping[str, bool]) -> str:
    over = "1 origin" if record.origins == 1 else f"{record.origins} origins"
    text = f"{name}: over {over} its total was off by a factor of {exp(record.log_ratio):.2f}, Gini {record.gini:.2f}"
    beaten_by = [baseline for baseline, is_beaten in beats.items() if not is_beaten]
    return f"{text}; no better than: {', '.join(beaten_by)}" if beaten_by else text
