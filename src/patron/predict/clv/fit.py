"""Everything about purchases that is fitted: the model of purchases, that of spend, and how good the first has been."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.predict.clv import new_customers
from patron.predict.models.time_units import DAYS_A_WEEK

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse
    from patron.predict.evaluation.evaluate import Evaluation
    from patron.predict.models.purchase_model import PurchaseModel
    from patron.project.settings import ProjectSettings

_KINDS = {"bg_nbd": "BGNBD", "mbg_nbd": "MBGNBD", "pareto_nbd": "ParetoNBD"}
UNLESS_JUDGED = "mbg_nbd"
"""The BG/NBD is sure that whoever bought once is still a customer; see docs/evaluation.md."""


def fit(warehouse: Warehouse, cells: pa.Table, settings: ProjectSettings) -> tuple[dict[str, Any], Evaluation]:
    """All models as they are stored, and how good purchase models have been on the shop's own past.

    cells: of predictions.purchase_cells. Raises EngineError, NotIdentifiableError.
    """
    from patron.predict.evaluation.evaluate import evaluate

    asked = settings.predictions.purchases
    judged = evaluate(warehouse, settings.predictions.evaluation, run_rate_least_days=settings.clv.run_rate_least_days)
    kind, why = _chosen(asked.model, judged)
    x, last, now, count = (cells.column(name).to_numpy() for name in cells.column_names)
    model = kind_of(kind)().fit(x, last / DAYS_A_WEEK, now / DAYS_A_WEEK, count)
    content = {
        "kind": kind,
        "why": why,
        "purchases": model.to_dict(),
        "spend": fit_spend(warehouse.query(_SPEND_CELLS)),
        "new_customers": new_customers.fit_groups(warehouse, type(model), asked),
    }
    return content, judged


def kind_of(name: str) -> type[PurchaseModel]:
    """A purchase model by its name in patron.yaml."""
    from patron import predict

    kind: type[PurchaseModel] = getattr(predict, _KINDS[name])
    return kind


def _chosen(asked: str, judged: Evaluation) -> tuple[str, str]:
    """The model to take, and how good it, or the best, was."""
    if asked != "auto":
        return asked, f"asked for by predictions.purchases.model; {judged.choice.why}"
    if judged.choice.model is None:
        return UNLESS_JUDGED, f"taken unjudged: {'; '.join(judged.withheld) or judged.choice.why}"
    return next(name for name in _KINDS if kind_of(name).name == judged.choice.model), judged.choice.why


def fit_spend(spend_cells: pa.Table) -> dict[str, Any]:
    """The spend model, what it leaves out (refunds, and who never paid), and whether spend goes with frequency."""
    import numpy as np

    from patron.errors import PatronError
    from patron.predict import GammaGamma
    from patron.predict.models.gamma_gamma_independence import spend_frequency_correlation

    count, bought, units = (
        spend_cells.column(name).to_numpy() for name in ("customer_count", "purchase_day_count", "mean_units")
    )
    spent, refunded = (float(sum(spend_cells.column(name).to_pylist())) for name in ("spend_amount", "refund_amount"))
    kept = min(max(1 + refunded / spent, 0.0), 1.0) if spent > 0 else 0.0
    mean = units / np.maximum(count, 1) / 10_000
    paid = mean > 0
    told: dict[str, Any] = {"kept_share": kept, "customers_who_never_paid": int(count[~paid].sum())}
    try:
        model = GammaGamma().fit(bought[paid], mean[paid], count[paid])
        together = spend_frequency_correlation(bought[paid], mean[paid], count[paid])
    except PatronError as error:
        return told | {"withheld": error.what}
    return told | {"model": model.to_dict(), "spend_and_frequency": together.statement}


_SPEND_CELLS = """
select purchase_day_count, customer_count, mean_units, spend_amount, refund_amount from predictions.spend_cells
order by purchase_day_count, step, step_number
"""
