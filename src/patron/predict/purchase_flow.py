"""Purchases and lifetime value in a run: fit where there is reason to, score every cell of buyers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.predict import new_customers, stored
from patron.predict.outcome import Outcome
from patron.predict.sufficiency import what_is_missing

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.predict.purchases.model import PurchaseModel
    from patron.predict.spend import GammaGamma
    from patron.settings.predictions import PurchasePredictions
    from patron.warehouse.base import Warehouse

NAME = "purchases"
SCORES = ("predictions", "purchase_scores")
SPEND = ("predictions", "spend_model")
_KINDS = {"bg_nbd": "BGNBD", "mbg_nbd": "MBGNBD", "pareto_nbd": "ParetoNBD"}
SPEND_COLUMNS = ("p", "q", "gamma", "population_spend", "kept_share")


def prepare(warehouse: Warehouse) -> None:
    """See that the tables are there, so that gold can read them."""
    for place, empty in _empty_tables().items():
        if not warehouse.exists(*place):
            warehouse.write(*place, empty)


def run_purchases(warehouse: Warehouse, models: Path, settings: PurchasePredictions, as_of_date: str) -> Outcome:
    """Read measures, fit or take the stored model, and write SCORES and SPEND. models: folder of stored models.

    Where the shop is too small or too young the tables are empty, and the outcome names what is missing.
    Raises EngineError.
    """
    cells = warehouse.query(_CELLS)
    missing = what_is_missing(cells, settings)
    if missing:
        for place, empty in _empty_tables().items():
            warehouse.write(*place, empty)
        return Outcome(NAME, withheld=missing)
    path = models / f"{NAME}.json"
    now = stored.Window(as_of_date, _customers(cells), {"model": settings.model})
    known = stored.read(path)
    why = stored.why_fit(known, now, settings.refit)
    if why or known is None:
        content = _fit(warehouse, cells, settings)
        stored.write(path, now, content)
        known = stored.Stored(now, content)
    return _score(warehouse, cells, known, settings, why)


def _fit(warehouse: Warehouse, cells: pa.Table, settings: PurchasePredictions) -> dict[str, Any]:
    """All models as they are stored."""
    x, last, now, count = (cells.column(name).to_numpy() for name in cells.column_names)
    kind = "mbg_nbd" if settings.model == "auto" else settings.model
    model = kind_of(kind)().fit(x, last / 7, now / 7, count)
    return {
        "kind": kind,
        "purchases": model.to_dict(),
        "spend": _fit_spend(warehouse.query(_SPEND_CELLS)),
        "new_customers": new_customers.fit_groups(warehouse, type(model), settings),
    }


def kind_of(name: str) -> type[PurchaseModel]:
    """A purchase model by its name in patron.yaml."""
    from patron import predict

    kind: type[PurchaseModel] = getattr(predict, _KINDS[name])
    return kind


def _fit_spend(spend_cells: pa.Table) -> dict[str, Any]:
    """The spend model, and what it leaves out: refunds, and who never paid."""
    import numpy as np

    from patron.errors import PatronError
    from patron.predict import GammaGamma

    count, bought, units = (
        spend_cells.column(name).to_numpy() for name in ("customer_count", "purchase_day_count", "mean_units")
    )
    spent, refunded = (float(sum(spend_cells.column(name).to_pylist())) for name in ("spend_amount", "refund_amount"))
    kept = min(max(1 + refunded / spent, 0.0), 1.0) if spent > 0 else 0.0
    mean = units / np.maximum(count, 1) / 10_000
    paid = mean > 0
    told: dict[str, Any] = {"kept_share": kept, "customers_who_never_paid": int(count[~paid].sum())}
    try:
        return told | {"model": GammaGamma().fit(bought[paid], mean[paid], count[paid]).to_dict()}
    except PatronError as error:
        return told | {"withheld": error.what}


def _score(
    warehouse: Warehouse, cells: pa.Table, known: stored.Stored, settings: PurchasePredictions, why: str
) -> Outcome:
    from patron.predict import GammaGamma
    from patron.predict.purchase_scores import purchase_scores

    model = kind_of(known.content["kind"]).from_dict(known.content["purchases"])
    scores = purchase_scores(model, cells, horizon_days=settings.horizon_days, discount_rate=settings.discount_rate)
    spend = known.content["spend"]
    spend_model = GammaGamma.from_dict(spend["model"]) if "model" in spend else None
    warehouse.write(*SCORES, scores)
    warehouse.write(*SPEND, _spend_row(spend_model, spend["kept_share"]))
    warehouse.write(*new_customers.TABLE, new_customers.as_table(known.content["new_customers"]))
    notes = [f"no value is predicted: {spend['withheld']}"] if "withheld" in spend else []
    return Outcome(NAME, [], why, model.name, known.window.as_of_date, notes)


def _spend_row(model: GammaGamma | None, kept_share: float) -> pa.Table:
    if model is None:
        return _spend_table([{"kept_share": kept_share}])
    population = float(model.expected_spend(0, 0)) if model.params_["q"] > 1 else None
    return _spend_table([{**model.params_, "population_spend": population, "kept_share": kept_share}])


def _spend_table(rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist(rows, pa.schema([(name, pa.float64()) for name in SPEND_COLUMNS]))


def _empty_tables() -> dict[tuple[str, str], pa.Table]:
    """Every table that is written here, without a row."""
    from patron.predict.purchase_scores import no_scores

    return {SCORES: no_scores(), SPEND: _spend_table([]), new_customers.TABLE: new_customers.as_table([])}


def _customers(cells: pa.Table) -> int:
    import pyarrow.compute as pc

    return int(pc.sum(cells.column("customer_count")).as_py() or 0)


_CELLS = """
select repeat_count, recency_days, age_days, customer_count from predictions.purchase_cells
order by repeat_count, recency_days, age_days
"""
_SPEND_CELLS = """
select purchase_day_count, customer_count, mean_units, spend_amount, refund_amount from predictions.spend_cells
order by purchase_day_count, step, step_number
"""
