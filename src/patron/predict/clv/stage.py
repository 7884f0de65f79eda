"""The purchase stage of a run: fits the models if they are due, then scores every cell of buyers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.predict import model_store
from patron.predict.clv import covariate_effects, new_customers, quality, tables
from patron.predict.clv.data_requirements import find_missing
from patron.predict.outcome import Outcome

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict import GammaGamma
    from patron.predict.evaluation.recalibration import Recalibration
    from patron.predict.models.purchase_model import PurchaseModel
    from patron.project.settings import ProjectSettings

NAME = "purchases"
READS: tuple[str, ...] = ("wash_out", "customer_regions", "customer_touches", "customer_first_orders")

_REFUSED = "refused"
"""Stored in place of models: why the customers do not determine them."""

prepare = tables.prepare


def predict(warehouse: Warehouse, models_folder: Path, settings: ProjectSettings) -> Outcome:
    """Fit, or load the stored model, and write all tables of purchases.

    If the shop is too small or too young, the tables are empty and the outcome names what is missing.
    Raises EngineError.
    """
    config = settings.predictions.purchases
    cells = warehouse.query(_CELLS)
    if missing := find_missing(cells, config):
        return _withhold(warehouse, missing)
    stored = model_store.load(models_folder / f"{NAME}.json")
    now = model_store.FitWindow(_query_as_of(warehouse), _count_customers(cells), _fit_settings(settings))
    why = model_store.find_reason_to_fit(stored, now, config.refit)
    if why or stored is None:
        stored = _fit(warehouse, models_folder, cells, settings, now)
    if _REFUSED in stored.content:
        return _withhold(warehouse, [stored.content[_REFUSED]])
    if stored.content["doubt"]:
        outcome = _withhold(warehouse, [stored.content["doubt"]])
        quality.write(warehouse, models_folder)
        return outcome
    quality.write(warehouse, models_folder)
    return _score(warehouse, cells, stored, settings, why)


def _fit_settings(settings: ProjectSettings) -> dict[str, Any]:
    """Return the settings that a fit depends on."""
    config = settings.predictions
    evaluation = config.evaluation.model_dump(mode="json")
    fields = {"model", "discount_rate", "season", "covariates"}
    opened = settings.shop.opened.isoformat() if settings.shop.opened else None
    return {**config.purchases.model_dump(mode="json", include=fields), "opened": opened, "evaluation": evaluation}


def _fit(
    warehouse: Warehouse, models_folder: Path, cells: pa.Table, settings: ProjectSettings, now: model_store.FitWindow
) -> model_store.StoredModel:
    """Fit and store the models, or why they cannot be fitted: both hold until there is reason to fit again."""
    from patron.predict.clv.fit import fit
    from patron.predict.errors import NotIdentifiableError

    try:
        content, evaluation = fit(warehouse, cells, dt.date.fromisoformat(now.as_of_date), settings)
        quality.save(models_folder, evaluation)
    except NotIdentifiableError as error:
        content = {_REFUSED: error.what}
    model_store.save(models_folder / f"{NAME}.json", now, content)
    return model_store.StoredModel(now, content)


def _withhold(warehouse: Warehouse, missing: list[str]) -> Outcome:
    tables.write_empty(warehouse)
    return Outcome(NAME, withheld=missing)


def _score(
    warehouse: Warehouse, cells: pa.Table, stored: model_store.StoredModel, settings: ProjectSettings, why: str
) -> Outcome:
    from patron.predict import GammaGamma
    from patron.predict.clv.fit import load_model_class
    from patron.predict.clv.scores import describe_limit, score_cells
    from patron.predict.evaluation.recalibration import Recalibration
    from patron.predict.evaluation.seasonal import SEASONAL
    from patron.predict.season.clock import Clock, Season

    config, content = settings.predictions.purchases, stored.content
    model = load_model_class(content["kind"]).from_dict(content["purchases"])
    spend = content["spend"]
    spend_model = GammaGamma.from_dict(spend["model"]) if "model" in spend else None
    correction = Recalibration.from_dict(content["correction"])
    season = Season(tuple(content["season"])) if content["season"] else None
    history_days = int(cells.column("age_days").to_numpy().max())
    scores = score_cells(
        model,
        cells,
        horizon_days=config.horizon_days,
        discount_rate=config.discount_rate,
        lifetime_years=config.lifetime_years,
        spend=spend_model,
        correction=correction,
        clock=Clock(dt.date.fromisoformat(_query_as_of(warehouse)), season),
        history_days=history_days,
    )
    if content["collapse"]:
        scores = tables.withhold_alive(scores)
    warehouse.write(*tables.SCORES, scores)
    warehouse.write(*tables.SPEND, tables.spend_table(spend_model))
    warehouse.write(*new_customers.TABLE, new_customers.to_table(content["new_customers"]))
    warehouse.write(*covariate_effects.TABLE, covariate_effects.to_table(content["effects"]))
    _write_regressions(warehouse, content, model, spend_model, correction, settings)
    note = f"no value is predicted: {spend['withheld']}" if "withheld" in spend else spend["spend_and_frequency"]
    tested = correction.describe(settings.predictions.evaluation.horizon_days)
    trend = content["spend_trend"] if "model" in spend else ""
    contests = [content["regression"], content["amounts"]]
    cautions = [tested, *(one for one in (content["collapse"], content["wash_out"], trend) if one)]
    cautions += describe_limit(history_days, config.horizon_days, config.lifetime_years)
    cautions += [one["why"] for one in contests if "fitted" in one]
    said = [one["why"] for one in contests if one["why"] and "fitted" not in one]
    notes = [content["why"], *([season.describe()] if season else []), *said, note]
    name = model.name + (SEASONAL if content["is_seasonal"] else "")
    return Outcome(NAME, [], why, name, stored.window.as_of_date, cautions, notes)


def _write_regressions(
    warehouse: Warehouse,
    content: dict[str, Any],
    model: PurchaseModel,
    spend: GammaGamma | None,
    correction: Recalibration,
    settings: ProjectSettings,
) -> None:
    """Write what regressions make of the models' expectations; empty tables where the models answer alone."""
    from patron.predict.regression import tables as regressions
    from patron.predict.regression.poisson import PoissonRegression
    from patron.predict.regression.zero_inflated import ZeroInflatedLognormal

    regressions.write_none(warehouse)
    as_of = dt.date.fromisoformat(_query_as_of(warehouse))
    if "fitted" in content["regression"]:
        fitted, days = PoissonRegression.from_dict(content["regression"]["fitted"]), settings.predictions.evaluation
        regressions.write_factors(warehouse, fitted, model, correction, as_of, days.horizon_days)
    if "fitted" in content["amounts"] and spend is not None:
        learner = ZeroInflatedLognormal.from_dict(content["amounts"]["fitted"])
        customers = float(warehouse.query(_COUNT).to_pylist()[0]["customers"])
        regressions.write_amounts(warehouse, learner, model, spend, correction, as_of, customers)


def _query_as_of(warehouse: Warehouse) -> str:
    """Return the day as of which the shop is measured, ISO; empty if there is none."""
    days = warehouse.query("select as_of_date from measures.as_of").to_pylist()
    return str(days[0]["as_of_date"]) if days else ""


def _count_customers(cells: pa.Table) -> int:
    return int(cells.column("customer_count").to_numpy().sum())


_COUNT = "select sum(customer_count) as customers from predictions.purchase_cells"

_CELLS = """
select repeat_count, recency_days, age_days, customer_count from predictions.purchase_cells
order by repeat_count, recency_days, age_days
"""
