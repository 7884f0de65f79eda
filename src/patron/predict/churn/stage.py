"""Churn in a run, between measures and gold: learn where there is no model or the data moved enough, then score.

When a model is learnt again, churn_rule.py says.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import PatronError
from patron.predict.churn.model import ChurnModel
from patron.predict.churn.refit import basis_of, why_again
from patron.predict.churn.tables import (
    EVERYBODY,
    SCORES,
    no_scores,
    write_nothing,
    write_quality,
    write_sample,
    write_status,
)
from patron.predict.churn.training import CUTOFF_STEP_DAYS, LOOK_BACK_DAYS, WINDOWS
from patron.predict.outcome import Outcome

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.project.settings import ProjectSettings
    from patron.project.settings.predictions import ChurnPrediction

_AT_A_TIME = 200_000


@dataclass
class ChurnRun:
    """What was done.

    reason: why it was learnt (again), or why nothing was predicted; empty where a stored model scored.
    withheld: days -> why that window has no probabilities. learnt_at: the day until which the model knows the shop.
    """

    is_learnt: bool = False
    reason: str = ""
    scored_count: int = 0
    withheld: dict[int, str] = field(default_factory=dict)
    learnt_at: str = ""

    def told(self) -> Outcome:
        """The same in the words that every prediction is told in."""
        notes = [f"{days} days: {why}" for days, why in self.withheld.items()]
        if not self.learnt_at:
            return Outcome("churn", list(dict.fromkeys(self.withheld.values())) or [self.reason])
        return Outcome("churn", [], self.reason if self.is_learnt else "", "LightGBM", self.learnt_at, notes)


def run_churn(warehouse: Warehouse, models_folder: Path, settings: ProjectSettings) -> ChurnRun:
    """Bring predictions.churn_* up to the measures, which have been built.

    models_folder: where fitted models are kept; this one in its folder `churn`. Raises EngineError.
    """
    asked = settings.predictions.churn
    if not asked.enabled:
        write_nothing(warehouse, "not asked for: predictions.churn.enabled is false")
        return ChurnRun(reason="predictions.churn.enabled is false")
    stage = _Stage(warehouse, models_folder / "churn", settings)
    model, reason = stage.stored()
    if model is None:
        model = stage.learnt()
    run = ChurnRun(bool(reason), reason, withheld=model.withheld_)
    if model.learnt_:
        run.learnt_at = stage.learnt_at(model)
    else:
        why = "; ".join(f"{days} days: {lacking}" for days, lacking in model.withheld_.items())
        write_nothing(warehouse, f"withheld: {why}")
        return ChurnRun(False, f"withheld: {why}", withheld=model.withheld_)
    run.scored_count = stage.score(model)
    return run


class _Stage:
    def __init__(self, warehouse: Warehouse, folder: Path, settings: ProjectSettings) -> None:
        self.warehouse, self.folder, self.settings = warehouse, folder, settings
        self.asked: ChurnPrediction = settings.predictions.churn
        self.basis = basis_of(warehouse, self.asked)

    def stored(self) -> tuple[ChurnModel | None, str]:
        """The stored model where it may be used; else why it is learnt anew."""
        from patron.predict.churn.model_files import read_model

        if not self.folder.exists():
            return None, "there is no model yet"
        try:
            model, basis = read_model(ChurnModel, self.folder, self.settings.warehouse.threads)
        except PatronError as error:
            return None, error.what
        reason = why_again(basis, self.basis, self.asked)
        return (None, reason) if reason else (model, "")

    def learnt(self) -> ChurnModel:
        """A new model, stored: where all of it is withheld, examples are not read again before there is reason to."""
        asked = self.asked
        model = ChurnModel(least_leavers=asked.least_leavers, threads=self.settings.warehouse.threads)
        lacking = self._lacking()
        if lacking:
            model.withheld_ = dict.fromkeys(WINDOWS, lacking)
            return model
        write_sample(self.warehouse, self._below_key())
        model.fit(self.warehouse.query(_EXAMPLES))
        model.to_files(self.folder, self.basis)
        return model

    def score(self, model: ChurnModel) -> int:
        """Write scores, some at a time, and how good the model was; gives the number of customers."""
        scored, above = 0, self._drivers_above()
        for rows in self.warehouse.batches("select * from predictions.churn_features", _AT_A_TIME):
            made = model.score(rows, currency=self.settings.shop.currency, drivers_above=above)
            if scored:
                self.warehouse.append(*SCORES, made)
            else:
                self.warehouse.write(*SCORES, made)
            scored += made.num_rows
        if not scored:
            self.warehouse.write(*SCORES, no_scores())
        write_status(self.warehouse, self._told(model), self._outside())
        write_quality(self.warehouse, model)
        return scored

    def _drivers_above(self) -> float | None:
        """The net_amount that no more than `most_drivers` customers are above; None where all may be told theirs."""
        import numpy as np

        asked = self.asked.most_drivers
        if self.basis["customer_count"] <= asked:
            return None
        amounts = self.warehouse.query(_AMOUNTS.format(days=self.asked.active_days))["net_amount"].to_numpy()
        return float(-np.partition(-amounts, asked)[asked]) if len(amounts) > asked else None

    def _lacking(self) -> str:
        """What is lacking that can be told without reading examples."""
        least = 2 * self.asked.least_leavers
        needed = 2 * CUTOFF_STEP_DAYS + LOOK_BACK_DAYS
        if self.basis["customer_count"] < least:
            return f"{self.basis['customer_count']:,} customers with an order, {least:,} are needed"
        if self.basis["cutoff_count"] < 2:
            return f"{self.basis['day_count']:,} days of sales, {needed} are needed"
        return ""

    def _below_key(self) -> str:
        """What lets in at most as many examples as are asked for, of whole customers: those with the lowest keys."""
        most = self.warehouse.query(_EXAMPLES_AT_MOST).to_pylist()[0]["example_count"]
        share = self.asked.most_rows / max(most, 1)
        return EVERYBODY if share >= 1 else f"{int(share * 16**8):08x}"

    def _told(self, model: ChurnModel) -> str:
        learnt = f"LightGBM, learnt at {self.learnt_at(model)} from {model.data_['example_count']:,} examples"
        withheld = [f"{days} days withheld: {why}" for days, why in model.withheld_.items()]
        return "; ".join([learnt, *withheld])

    def learnt_at(self, model: ChurnModel) -> str:
        """The day until which the model knows the shop, ISO."""
        newest = dt.date.fromisoformat(model.data_["last_cutoff"])
        return (newest + dt.timedelta(days=CUTOFF_STEP_DAYS)).isoformat()

    def _outside(self) -> str:
        return f"no purchase in the last {self.asked.active_days} days: the model has learnt from nobody like that"


_AMOUNTS = """
select cast(net_amount as double) as net_amount
from measures.customer_measures
where order_count > 0 and days_since_last_order <= {days}
"""
_EXAMPLES = "select * from predictions.churn_training"
_EXAMPLES_AT_MOST = """
select count(*) as example_count
from predictions.churn_cutoffs as cutoffs
inner join measures.customer_totals as totals on totals.first_order_date <= cutoffs.last_date
"""
