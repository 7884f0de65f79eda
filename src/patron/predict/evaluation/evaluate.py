"""Evaluates purchase models and baselines on a shop's own past, and chooses the shop's default model.

>>> from patron.predict.evaluation.evaluate import evaluate
>>> evaluate(warehouse, settings.predictions.evaluation).choice.model  # doctest: +SKIP
'MBG/NBD'
"""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from patron.predict.evaluation import forecasts, judge, spending, tables
from patron.predict.evaluation.choice import Choice, average_record, choose
from patron.predict.evaluation.data_requirements import describe_short_history, find_missing, find_origins
from patron.predict.evaluation.holdout import query_holdout
from patron.predict.evaluation.judge import Rows
from patron.predict.evaluation.recalibration import Recalibration, describe_miss
from patron.predict.evaluation.rolling import Corrected, average_deviance, correct_past
from patron.predict.evaluation.seasonal import is_better, judge_seasonal, replace_by_seasonal
from patron.predict.regression.contest import Contest, hold_contest
from patron.predict.regression.past import Past, find_windows, read_learned_days
from patron.predict.regression.spend_contest import SpendContest, hold_spend_contest

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.season.clock import Season
    from patron.project.settings.predictions import Evaluation as Settings

RUN_RATE_LEAST_DAYS = 30
"""The baselines' rates are over at least so many days: one order yesterday is no rate. As clv.run_rate_least_days."""


@dataclass(frozen=True)
class Evaluation:
    """The result of an evaluation.

    scores, calibration, tracking: tables.py lists their columns. choice: the default model; without one if no origin
    could be evaluated. correction: what past windows teach about the forecasts of the chosen or requested model.
    regression, spend: whether a Poisson regression on that model forecasts purchases better, and a zero-inflated
    lognormal learner amounts. doubt: why the model's numbers are not to be shown; empty if they passed a test, or none
    could be made. is_seasonal: whether a season made its forecasts better. withheld: what is missing, one sentence for
    each origin or model that could not be evaluated.
    """

    scores: pa.Table
    calibration: pa.Table
    tracking: pa.Table
    choice: Choice
    correction: Recalibration
    regression: Contest = field(default_factory=Contest)
    spend: SpendContest = field(default_factory=SpendContest)
    doubt: str = ""
    is_seasonal: bool = False
    withheld: list[str] = field(default_factory=list)


def evaluate(
    warehouse: Warehouse,
    settings: Settings,
    *,
    requested: str = "",
    run_rate_least_days: int = RUN_RATE_LEAST_DAYS,
    season: Season | None = None,
) -> Evaluation:
    """Compare each model's forecasts, made on earlier days of the shop, with what customers then did.

    requested: the name of the model to correct, if it is not the one that is chosen. season: that the shop knows; with
    None, one is learnt if that forecasts better. measures.customer_days must have been built. Raises EngineError.
    """
    bounds = warehouse.query(_BOUNDS).to_pylist()
    first, last = (bounds[0]["first_date"], bounds[0]["last_date"]) if bounds else (None, None)
    if first is None or last is None:
        return _to_evaluation(Rows(withheld=["there are no purchases"]), Rows(), requested, settings)
    days = find_origins(first, last, settings)
    rows = Rows(withheld=[] if days else [describe_short_history(first, last, settings)])
    parts: list[Callable[[], Rows]] = []
    for day in days:
        holdout = query_holdout(warehouse, day, settings.horizon_days, season)
        if missing := find_missing(holdout, settings):
            parts.append(partial(Rows, withheld=[missing]))
        else:
            parts += _plan(judge.query_origin(warehouse, holdout), run_rate_least_days)
    for part in _run(parts):
        rows.add(part)
    used = requested or _choose_default(rows).model
    plain = [one for one in rows.forecasts if one.forecast.name == used]
    seasonal = judge_seasonal(warehouse, plain) if season is None else Rows()
    found = _to_evaluation(rows, seasonal, requested, settings)
    if not plain or season or found.is_seasonal:  # learners know windows of other months only
        return found
    customers = max(float(one.origin.holdout.customer_count.sum()) for one in plain)
    with read_learned_days(warehouse, customers) as relation:
        past = Past(warehouse, relation, find_windows(first, last, settings), settings.horizon_days, customers)
        contest, spend = hold_contest(past, plain), hold_spend_contest(past, plain)
    return replace(_add_scores(found, contest.scores + spend.scores), regression=contest, spend=spend)


def _add_scores(found: Evaluation, scores: list[dict[str, Any]]) -> Evaluation:
    import pyarrow as pa

    return replace(found, scores=pa.concat_tables([found.scores, tables.to_table("model_scores", scores)]))


def _plan(origin: judge.Origin, least_days: int) -> list[Callable[[], Rows]]:
    """List the parts to evaluate from one origin; they are independent, and none reads the warehouse."""
    models = [partial(judge.judge_model, origin, name) for name in forecasts.list_models()]
    return [
        partial(judge.judge_baselines, origin, least_days),
        *models,
        partial(judge.judge_run_rate, origin, least_days),
    ]


def _run(parts: list[Callable[[], Rows]]) -> list[Rows]:
    """Run all parts in parallel, and return them in order; numpy, where most time is spent, releases the GIL."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(lambda part: part(), parts))


def _to_evaluation(rows: Rows, seasonal: Rows, requested: str, settings: Settings) -> Evaluation:
    choice = _choose_default(rows)
    used = requested or choice.model
    forecasts_used = [one for one in rows.forecasts if one.forecast.name == used]
    is_seasonal = is_better(seasonal.forecasts, forecasts_used)
    if is_seasonal:
        forecasts_used = replace_by_seasonal(forecasts_used, seasonal.forecasts)
    corrected = correct_past(forecasts_used)
    rows.add(seasonal)
    return Evaluation(
        tables.to_table("model_scores", rows.scores + corrected.scores),
        tables.to_table("model_calibration", rows.calibration),
        tables.to_table("model_tracking", rows.tracking),
        choice,
        corrected.correction,
        doubt=_describe_doubt(used or "", corrected, settings.horizon_days),
        is_seasonal=is_seasonal,
        withheld=rows.withheld,
    )


def _describe_doubt(model: str, corrected: Corrected, horizon_days: int) -> str:
    """Explain why a model is not to be used: it missed every window, even with intervals for what it cannot know."""
    if corrected.passed or not corrected.tested:
        return ""
    misses = " and ".join(describe_miss(level) for level in corrected.correction.levels)
    windows = "the past window" if corrected.tested == 1 else f"each of the {corrected.tested} past windows"
    return f"{model} failed in {windows} of {horizon_days} days: its total was {misses}, outside its 95% interval"


def _choose_default(rows: Rows) -> Choice:
    by_model: dict[str, dict[dt.date, dict[str, float]]] = {}
    for row in rows.scores:
        by_model.setdefault(row["model"], {}).setdefault(row["origin_date"], {})[row["measure"]] = row["value"]
    records = {
        model: average_record(
            [abs(math.log(one["total_ratio"])) if one["total_ratio"] > 0 else math.inf for one in by_origin.values()],
            [one["gini"] for one in by_origin.values()],
            average_deviance([one for one in rows.forecasts if one.forecast.name == model]),
        )
        for model, by_origin in by_model.items()
        if model != spending.RUN_RATE
    }
    return choose(records, forecasts.list_models(), forecasts.BASELINES)


_BOUNDS = """
select min(first_order_date) as first_date, (select max(as_of_date) from measures.as_of) as last_date
from measures.customer_measures
where order_count > 0
"""
