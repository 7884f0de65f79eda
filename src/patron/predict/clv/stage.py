"""Purchases and lifetime value in a run: fit where there is reason to, score every cell of buyers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.predict import model_store as stored
from patron.predict.clv import new_customers, quality
from patron.predict.data_requirements import what_is_missing
from patron.predict.outcome import Outcome

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.models.gamma_gamma import GammaGamma
    from patron.project.settings import ProjectSettings
    from patron.project.settings.predictions import PurchasePredictions

NAME = "purchases"
_REFUSED = "refused"
"""In place of models: why the customers do not determine them."""

SCORES = ("predictions", "purchase_scores")
SPEND = ("predictions", "spend_model")
SPEND_COLUMNS = ("p", "q", "gamma", "population_spend", "kept_share")


def prepare(warehouse: Warehouse) -> None:
    """See that the tables are there, so that gold can read them."""
    for place, empty in _empty_tables().items():
        if not warehouse.exists(*place):
            warehouse.write(*place, empty)
    quality.prepare(warehouse)


def run_purchases(warehouse: Warehouse, models: Path, settings: ProjectSettings, as_of_date: str) -> Outcome:
    """Read measures, fit or take the stored model, and write all tables of purchases. models: folder of stored models.

    Where the shop is too small or too young the tables are empty, and the outcome names what is missing.
    Raises EngineError.
    """
    asked = settings.predictions.purchases
    cells = warehouse.query(_CELLS)
    if missing := what_is_missing(cells, asked):
        return _withheld(warehouse, missing)
    known = stored.read(models / f"{NAME}.json")
    now = stored.Window(as_of_date, _customers(cells), _settings_of(settings))
    why = stored.why_fit(known, now, asked.refit)
    if why or known is None:
        known = _fitted(warehouse, models, cells, settings, now)
    if _REFUSED in known.content:
        return _withheld(warehouse, [known.content[_REFUSED]])
    quality.write(warehouse, models)
    return _score(warehouse, cells, known, asked, why)


def _settings_of(settings: ProjectSettings) -> dict[str, Any]:
    """What another fit would depend on."""
    asked = settings.predictions
    judging = asked.evaluation.model_dump(mode="json")
    return {"model": asked.purchases.model, "discount_rate": asked.purchases.discount_rate, "evaluation": judging}


def _fitted(
    warehouse: Warehouse, models: Path, cells: pa.Table, settings: ProjectSettings, now: stored.Window
) -> stored.Stored:
    """What was fitted, or why nothing could be: both stand until there is reason to fit again."""
    from patron.predict.clv.fit import fit
    from patron.predict.errors import NotIdentifiableError

    try:
        content, judged = fit(warehouse, cells, settings)
        quality.store(models, judged)
    except NotIdentifiableError as error:
        content = {_REFUSED: error.what}
    stored.write(models / f"{NAME}.json", now, content)
    return stored.Stored(now, content)


def _withheld(warehouse: Warehouse, missing: list[str]) -> Outcome:
    for place, empty in _empty_tables().items():
        warehouse.write(*place, empty)
    quality.write(warehouse, None)
    return Outcome(NAME, withheld=missing)


def _score(
    warehouse: Warehouse, cells: pa.Table, known: stored.Stored, asked: PurchasePredictions, why: str
) -> Outcome:
    from patron.predict import GammaGamma
    from patron.predict.clv.fit import kind_of
    from patron.predict.clv.scores import purchase_scores

    content = known.content
    model = kind_of(content["kind"]).from_dict(content["purchases"])
    spend = content["spend"]
    spend_model = GammaGamma.from_dict(spend["model"]) if "model" in spend else None
    scores = purchase_scores(model, cells, horizon_days=asked.horizon_days, discount_rate=asked.discount_rate)
    warehouse.write(*SCORES, scores)
    warehouse.write(*SPEND, _spend_row(spend_model, spend["kept_share"]))
    warehouse.write(*new_customers.TABLE, new_customers.as_table(content["new_customers"]))
    said = f"no value is predicted: {spend['withheld']}" if "withheld" in spend else spend["spend_and_frequency"]
    return Outcome(NAME, [], why, model.name, known.window.as_of_date, [content["why"], said])


def _spend_row(model: GammaGamma | None, kept_share: float) -> pa.Table:
    if model is None:
        return _spend_table([{"kept_share": kept_share}])
    population = model.population_mean if model.params_["q"] > 1 else None
    return _spend_table([{**model.params_, "population_spend": population, "kept_share": kept_share}])


def _spend_table(rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist(rows, pa.schema([(name, pa.float64()) for name in SPEND_COLUMNS]))


def _empty_tables() -> dict[tuple[str, str], pa.Table]:
    """Every table that is written here, without a row."""
    from patron.predict.clv.scores import no_scores

    return {SCORES: no_scores(), SPEND: _spend_table([]), new_customers.TABLE: new_customers.as_table([])}


def _customers(cells: pa.Table) -> int:
    import pyarrow.compute as pc

    return int(pc.sum(cells.column("customer_count")).as_py() or 0)


_CELLS = """
select repeat_count, recency_days, age_days, customer_count from predictions.purchase_cells
order by repeat_count, recency_days, age_days
"""
