"""Fits the purchase model and the spend model, and evaluates purchase models on the shop's past."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from patron.predict.clv import covariate_effects, new_customers
from patron.predict.clv.trend import describe_trend
from patron.predict.models.time_units import DAYS_A_WEEK

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.evaluation.evaluate import Evaluation
    from patron.predict.models.purchase_model import PurchaseModel
    from patron.predict.season.clock import Clock
    from patron.project.settings import ProjectSettings

_KINDS = {"bg_nbd": "BGNBD", "mbg_nbd": "MBGNBD", "mbg_cnbd_k": "MBGCNBDK", "pareto_nbd": "ParetoNBD"}
UNLESS_EVALUATED = "mbg_nbd"
"""BG/NBD takes it as certain that whoever bought once is still a customer; see docs/evaluation.md."""


def fit(
    warehouse: Warehouse, cells: pa.Table, as_of: dt.date, settings: ProjectSettings
) -> tuple[dict[str, Any], Evaluation]:
    """Fit all models; return them as they are stored, and the evaluation of the purchase models.

    cells: columns repeat_count, recency_days, age_days and customer_count of predictions.purchase_cells. as_of: the day
    that ages are counted to. Raises EngineError, NotIdentifiableError.
    """
    from patron.predict.clv.collapse import find_collapse
    from patron.predict.clv.wash_out import query_wash_out
    from patron.predict.evaluation.evaluate import evaluate
    from patron.predict.season.clock import Clock, Season

    config = settings.predictions.purchases
    supplied = Season.from_months(config.season.model_dump()) if config.season else None
    evaluation = evaluate(
        warehouse,
        settings.predictions.evaluation,
        requested="" if config.model == "auto" else load_model_class(config.model).name,
        run_rate_least_days=settings.clv.run_rate_least_days,
        season=supplied,
    )
    kind, why = _choose(config.model, evaluation)
    clock = Clock(as_of, supplied)
    if evaluation.is_seasonal:
        clock = _learn_clock(warehouse, kind, cells, as_of)
    model, past = _fit_in_time(warehouse, kind, cells, clock)
    if "k" in model.params_:
        why = f"{why}; {_describe_regularity(model.params_['k'])}"
    wash_out = query_wash_out(warehouse, settings.shop.opened)
    collapse, buyers = find_collapse(model, *past), int(past[-1].sum())
    spend = fit_spend(warehouse.query(_SPEND_CELLS))
    content = {
        "kind": kind,
        "why": why,
        "purchases": model.to_dict(),
        "correction": evaluation.correction.to_dict(),
        "regression": _fit_regression(model, evaluation, config.model),
        "amounts": _fit_amounts(model, spend, evaluation, settings),
        "doubt": evaluation.doubt,
        "is_seasonal": evaluation.is_seasonal,
        "season": clock.season.paces if clock.season else None,
        "collapse": collapse,
        "spend": spend,
        "spend_trend": describe_trend(warehouse, buyers, int(cells.column("age_days").to_numpy().max())),
        "wash_out": wash_out.describe(),
        "new_customers": new_customers.fit_groups(warehouse, model, config, evaluation.correction, clock, wash_out),
        "effects": covariate_effects.fit_effects(
            warehouse, model, config, tells_leaving=not collapse, buyers=buyers, clock=clock
        ),
    }
    return content, evaluation


def _learn_clock(warehouse: Warehouse, kind: str, cells: pa.Table, as_of: dt.date) -> Clock:
    """Return the clock of the season that the whole history shows."""
    from patron.predict.evaluation.holdout import query_repeats
    from patron.predict.season.clock import Clock
    from patron.predict.season.learn import learn_season

    def fit(clock: Clock) -> PurchaseModel:
        return _fit_in_time(warehouse, kind, cells, clock)[0]

    age, customers = (cells.column(name).to_numpy() for name in ("age_days", "customer_count"))
    return Clock(as_of, learn_season(fit, as_of, age, customers, query_repeats(warehouse, as_of)))


def _fit_in_time(
    warehouse: Warehouse, kind: str, cells: pa.Table, clock: Clock
) -> tuple[PurchaseModel, tuple[Any, Any, Any, Any]]:
    """Fit a model in weeks of the clock; return it, and the frequency, recency, age and customers of each cell."""
    from patron.predict.evaluation.holdout import query_log_gaps

    x, last, now, count = (cells.column(name).to_numpy() for name in cells.column_names)
    past = x, clock.to_recency(last, now), clock.to_age(now), count
    log_gaps = query_log_gaps(warehouse, clock) if kind == "mbg_cnbd_k" else None
    return load_model_class(kind)().fit(*past, log_gaps=log_gaps, resolution=1 / DAYS_A_WEEK), past


def _fit_regression(model: PurchaseModel, evaluation: Evaluation, requested: str) -> dict[str, Any]:
    """Fit the regression if it won and no model was asked for by name. Keys: why; fitted, if it answers."""
    contest = evaluation.regression
    fitted = contest.fit(model) if contest.is_won and requested == "auto" else None
    return {"why": contest.why} | ({"fitted": fitted.to_dict()} if fitted else {})


def _fit_amounts(
    model: PurchaseModel, spend: dict[str, Any], evaluation: Evaluation, settings: ProjectSettings
) -> dict[str, Any]:
    """Fit the learner of amounts if it won, on windows of the length that is published. Keys as of the regression."""
    from patron.predict import GammaGamma
    from patron.predict.regression.tables import AMOUNT_DAYS

    contest, config = evaluation.spend, settings.predictions
    is_asked = config.purchases.model == "auto" and config.evaluation.horizon_days == AMOUNT_DAYS
    fitted = None
    if contest.is_won and is_asked and "model" in spend:
        fitted = contest.fit(model, GammaGamma.from_dict(spend["model"]))
    return {"why": contest.why} | ({"fitted": fitted.to_dict()} if fitted else {})


def load_model_class(name: str) -> type[PurchaseModel]:
    """Import the class of a purchase model by its name in patron.yaml."""
    from patron import predict

    kind: type[PurchaseModel] = getattr(predict, _KINDS[name])
    return kind


def _choose(requested: str, evaluation: Evaluation) -> tuple[str, str]:
    """Choose the name of the model to use, and say why."""
    if requested != "auto":
        return requested, f"set in predictions.purchases.model; {evaluation.choice.why}"
    if evaluation.choice.model is None:
        return UNLESS_EVALUATED, f"used without evaluation: {'; '.join(evaluation.withheld) or evaluation.choice.why}"
    return next(
        name for name in _KINDS if load_model_class(name).name == evaluation.choice.model
    ), evaluation.choice.why


def _describe_regularity(k: float) -> str:
    return f"customers buy at regular intervals (k = {k:.0f})" if k > 1 else "customers buy at random moments (k = 1)"


def fit_spend(spend_cells: pa.Table) -> dict[str, Any]:
    """Fit the spend model; return it with what it leaves out, and whether spend depends on frequency.

    spend_cells: columns kept_day_count, customer_count and mean_units (1/10,000 of the currency) of
    predictions.spend_cells. Keys: customers_without_net_spend; model and spend_and_frequency, or withheld, the reason
    why there are none.
    """
    import numpy as np

    from patron.errors import PatronError
    from patron.predict import GammaGamma
    from patron.predict.models.gamma_gamma_independence import spend_frequency_correlation

    count, bought, units = (
        spend_cells.column(name).to_numpy() for name in ("customer_count", "kept_day_count", "mean_units")
    )
    mean = units / np.maximum(count, 1) / 10_000
    paid = mean > 0
    found: dict[str, Any] = {"customers_without_net_spend": int(count[~paid].sum())}
    try:
        model = GammaGamma().fit(bought[paid], mean[paid], count[paid])
        model.expected_spend(1.0, 1.0)
        together = spend_frequency_correlation(bought[paid], mean[paid], count[paid])
    except PatronError as error:
        return found | {"withheld": error.what}
    return found | {"model": model.to_dict(), "spend_and_frequency": together.statement}


_SPEND_CELLS = """
select kept_day_count, customer_count, cast(mean_units as double) as mean_units from predictions.spend_cells
order by kept_day_count, step, step_number
"""
