"""Settles, once purchases and churn are predicted, whose probability of a purchase is used in each window.

Both answer the same question: whether a customer buys in the next 30, 60 or 90 days. The one with the lower log loss on
the same past customers is used, the purchase model if they are tied: it scores those silent for longer than
`active_days` too, and agrees with the expected purchases and the value beside it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.files import write_atomically
from patron.predict import model_store
from patron.predict.churn import stage as churn
from patron.predict.churn import tables as churn_tables
from patron.predict.churn.model_files import Summary, read_record, read_summary
from patron.predict.churn.training import WINDOWS
from patron.predict.clv import stage as clv
from patron.predict.purchase_probability import tables
from patron.predict.purchase_probability.settlement import Settlement

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.predict.outcome import Outcome
    from patron.predict.purchase_probability.record import Comparison
    from patron.project.settings import ProjectSettings

FORMAT = 1
_FILE_NAME = "purchase_probability.json"

prepare = tables.prepare


def settle(
    warehouse: Warehouse, models_folder: Path, settings: ProjectSettings, outcomes: list[Outcome]
) -> list[Outcome]:
    """Write whose probabilities are used; return the outcomes, churn's with the models that answer for it.

    A comparison is stored, and made again when one of the two models is fitted again. Raises EngineError.
    """
    by_name = {outcome.name: outcome for outcome in outcomes}
    purchases, own = by_name[clv.NAME], by_name[churn.NAME]
    summary = None if own.withheld else read_summary(models_folder / "churn")
    compared = _compare(warehouse, models_folder, summary) if summary and not purchases.withheld else []
    settlement = Settlement(purchases, own, summary.learners if summary else {}, {one.days: one for one in compared})
    _write(warehouse, settlement, is_shown=settings.predictions.churn.enabled)
    settled = settlement.describe_outcome() if settings.predictions.churn.enabled else own
    return [settled if outcome.name == churn.NAME else outcome for outcome in outcomes]


def _write(warehouse: Warehouse, settlement: Settlement, *, is_shown: bool) -> None:
    scored, not_scored = warehouse.query(_STATUS).to_pylist()[0].values()
    if is_shown:
        scored, not_scored = settlement.describe_scored(scored), settlement.describe_unscored(not_scored)
    is_by_churn = {days: settlement.is_by_churn(days) for days in WINDOWS}
    tables.write_source(warehouse, is_by_churn, is_shown, scored, not_scored)
    churn_tables.append_quality(
        warehouse,
        [row for one in settlement.comparisons.values() for row in one.scores],
        [row for one in settlement.comparisons.values() for row in one.bins],
    )


def _compare(warehouse: Warehouse, folder: Path, summary: Summary) -> list[Comparison]:
    """Load the comparison of these two models, or make and store it."""
    from patron.predict.clv.fit import load_model_class
    from patron.predict.purchase_probability.record import Comparison, compare
    from patron.predict.season.clock import Season

    stored = model_store.load(folder / f"{clv.NAME}.json")
    if stored is None:
        return []
    kind = stored.content["kind"]
    model = load_model_class(kind).from_dict(stored.content["purchases"])
    basis = {"format": FORMAT, "churn": summary.basis, "purchases": [kind, stored.window.as_of_date]}
    path = folder / _FILE_NAME
    known = _load(path)
    if known.get("basis") == basis:
        return [Comparison(**one) for one in known["comparisons"]]
    content = stored.content
    season = Season(tuple(content["season"])) if content["season"] else None
    found = compare(
        warehouse,
        model,
        read_record(folder / "churn"),
        summary.baselines,
        season=None if content["is_seasonal"] else season,
        is_seasonal=content["is_seasonal"],
    )
    write_atomically(path, json.dumps({"basis": basis, "comparisons": [one.to_dict() for one in found]}, indent=1))
    return found


def _load(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content


_STATUS = "select scored, not_scored from predictions.churn_status"
