"""The churn stage of a run: trains a model if there is none or the data changed enough (refit.py), then scores."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import PatronError
from patron.predict.churn import tables
from patron.predict.churn.data_requirements import CUTOFF_STEP_DAYS, find_missing_history
from patron.predict.churn.features import SUBJECTS
from patron.predict.churn.learners import describe_windows
from patron.predict.churn.refit import find_reason_to_train, query_fit_state
from patron.predict.churn.training import WINDOWS
from patron.predict.outcome import Outcome

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.predict.churn.model import ChurnModel
    from patron.project.settings import ProjectSettings
    from patron.project.settings.predictions import ChurnPrediction

NAME = "churn"
READS: tuple[str, ...] = ("day_measures",)

prepare = tables.prepare


@dataclass
class ChurnRun:
    """The result of the stage.

    is_trained: whether a model was trained in this run. reason: why it was, or why nothing was predicted; empty if a
    stored model scored. scored_count: customers. withheld: days -> why that window has no probabilities. model: which
    learners made them, in words. trained_at: the day up to which the model has seen the shop, ISO; empty if there is
    no model.
    """

    is_trained: bool = False
    reason: str = ""
    scored_count: int = 0
    withheld: dict[int, str] = field(default_factory=dict)
    model: str = ""
    trained_at: str = ""

    def to_outcome(self) -> Outcome:
        """Convert to the outcome that every prediction reports."""
        notes = [f"{days} days: {why}" for days, why in self.withheld.items()]
        if not self.trained_at:
            return Outcome(NAME, list(dict.fromkeys(self.withheld.values())) or [self.reason])
        return Outcome(NAME, [], self.reason if self.is_trained else "", self.model, self.trained_at, notes)


def predict(warehouse: Warehouse, models_folder: Path, settings: ProjectSettings) -> Outcome:
    """Bring predictions.churn_* up to date with the measures. Raises EngineError."""
    return run_churn(warehouse, models_folder, settings).to_outcome()


def run_churn(warehouse: Warehouse, models_folder: Path, settings: ProjectSettings) -> ChurnRun:
    """Do what `predict` does, and return its details. The model is stored in the folder `churn` of models_folder."""
    config = settings.predictions.churn
    if not config.enabled:
        tables.write_empty(warehouse, "turned off: predictions.churn.enabled is false")
        return ChurnRun(reason="predictions.churn.enabled is false")
    stage = _Stage(warehouse, models_folder / "churn", settings)
    model, reason = stage.load_model()
    if model is None:
        model = stage.train_model()
    run = ChurnRun(bool(reason), reason, withheld=model.withheld_)
    if model.learners_:
        run.model, run.trained_at = describe_windows(model.list_learners()), stage.find_trained_at(model)
    else:
        why = "; ".join(f"{days} days: {missing}" for days, missing in model.withheld_.items())
        tables.write_empty(warehouse, f"withheld: {why}")
        return ChurnRun(False, f"withheld: {why}", withheld=model.withheld_)
    run.scored_count = stage.score(model)
    return run


class _Stage:
    def __init__(self, warehouse: Warehouse, folder: Path, settings: ProjectSettings) -> None:
        self.warehouse, self.folder, self.settings = warehouse, folder, settings
        self.config: ChurnPrediction = settings.predictions.churn
        self.state = query_fit_state(warehouse, self.config)

    def load_model(self) -> tuple[ChurnModel | None, str]:
        """Load the stored model if it is still valid; otherwise return None, and why a new one is trained."""
        from patron.predict.churn.model_files import read_model

        if not self.folder.exists():
            return None, "there is no model yet"
        try:
            model, state = read_model(self.folder, self.settings.warehouse.threads)
        except PatronError as error:
            return None, error.what
        reason = find_reason_to_train(state, self.state, self.config)
        return (None, reason) if reason else (model, "")

    def train_model(self) -> ChurnModel:
        """Train and store a model, even if all of its windows are withheld, so that the next run does not read
        the examples again for nothing.
        """
        from patron.predict.churn.model import ChurnModel
        from patron.predict.churn.model_files import write_model

        config = self.config
        model = ChurnModel(least_leavers=config.least_leavers, threads=self.settings.warehouse.threads)
        if missing := find_missing_history(self.state, config.least_leavers):
            model.withheld_ = dict.fromkeys(WINDOWS, missing)
            return model
        tables.write_sample(self.warehouse, self._choose_sample())
        model.fit(self.warehouse.query(_EXAMPLES))
        write_model(model, self.folder, self.state)
        return model

    def score(self, model: ChurnModel) -> int:
        """Write scores, and how good the model was; return the number of customers."""
        convert = partial(
            model.score, currency=self.settings.shop.currency, drivers_above=self._find_driver_threshold()
        )
        columns = tables.empty_scores().schema
        scored = self.warehouse.write_each(*tables.SCORES, self._select_features(model), convert, columns)
        tables.write_status(self.warehouse, self._describe(model), self._describe_unscored())
        tables.write_quality(self.warehouse, model)
        return scored

    def _select_features(self, model: ChurnModel) -> str:
        """Write the select of what scores and drivers need: the sample key, a hash of each id, is for training."""
        held = self.warehouse.query("select * from predictions.churn_features where 1 = 0").column_names
        names = [name for name in held if name in SUBJECTS or name in model.columns_.names]
        return f"select customer_id, {', '.join(names)} from predictions.churn_features"

    def _find_driver_threshold(self) -> float | None:
        """Return the net_amount that at most `most_drivers` customers exceed; None if all customers get drivers."""
        most = self.config.most_drivers
        if self.state["customer_count"] <= most:
            return None
        found = self.warehouse.query(_NEXT_AMOUNT.format(days=self.config.active_days, place=most + 1)).to_pylist()[0]
        return float(found["net_amount"]) if found["customer_count"] > most else None

    def _choose_sample(self) -> str:
        """Choose the key below which customers are in the sample, for about `most_rows` examples at most."""
        most = self.warehouse.query(_EXAMPLES_AT_MOST).to_pylist()[0]["example_count"]
        share = self.config.most_rows / max(most, 1)
        return tables.EVERYBODY if share >= 1 else f"{int(share * 16**8):08x}"

    def _describe(self, model: ChurnModel) -> str:
        learners, count = describe_windows(model.list_learners()), model.data_["example_count"]
        trained = f"{learners}, trained at {self.find_trained_at(model)} on {count:,} examples"
        withheld = [f"{days} days withheld: {why}" for days, why in model.withheld_.items()]
        return "; ".join([trained, *withheld])

    def _describe_unscored(self) -> str:
        return (
            f"no purchase in the last {self.config.active_days} days: churn's own model was trained on no such customer"
        )

    def find_trained_at(self, model: ChurnModel) -> str:
        """Return the day up to which the model has seen the data, ISO."""
        latest = dt.date.fromisoformat(model.data_["last_cutoff"])
        return (latest + dt.timedelta(days=CUTOFF_STEP_DAYS)).isoformat()


_NEXT_AMOUNT = """
select min(net_amount) as net_amount, count(*) as customer_count
from (
    select cast(net_amount as double) as net_amount
    from measures.customer_measures
    where order_count > 0 and days_since_last_order <= {days}
    order by 1 desc
    limit {place}
) as largest
"""
_EXAMPLES = "select * from predictions.churn_training"
_EXAMPLES_AT_MOST = """
select count(*) as example_count
from predictions.churn_cutoffs as cutoffs
inner join measures.customer_totals as totals on totals.first_order_date <= cutoffs.as_of_date
"""
