"""What a prediction came to in a run: made, by which model, or withheld, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from patron.files import write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

TABLE = ("predictions", "outcomes")
"""Columns: prediction, is_made, what_is_missing, model, fitted_as_of_date, notes."""


@dataclass(frozen=True)
class Outcome:
    """name: which prediction. withheld: what is missing, in words; empty where it was made.

    fitted: why a model was fitted in this run; empty where the stored one scored. model: which, in words.
    fitted_as_of: the day until which the model knows the shop. notes: what a reader should know of the numbers.
    """

    name: str
    withheld: list[str] = field(default_factory=list)
    fitted: str = ""
    model: str = ""
    fitted_as_of: str = ""
    notes: list[str] = field(default_factory=list)


def as_table(outcomes: Iterable[Outcome]) -> pa.Table:
    """TABLE. Why a model was fitted is left out: that is true of a run, not of the numbers."""
    import pyarrow as pa

    fields = [("prediction", pa.string()), ("is_made", pa.bool_()), ("what_is_missing", pa.string())]
    fields += [("model", pa.string()), ("fitted_as_of_date", pa.date32()), ("notes", pa.string())]
    return pa.Table.from_pylist([_row(outcome) for outcome in outcomes], pa.schema(fields))


def keep(folder: Path, outcomes: Iterable[Outcome]) -> None:
    """Write down what the last run came to, for those who ask why a table is empty."""
    told = {outcome.name: asdict(outcome) for outcome in outcomes}
    write_atomically(folder / _KEPT, json.dumps(told, indent=1, ensure_ascii=False) + "\n")


def why_withheld(folder: Path, name: str) -> str:
    """Why the last run withheld a prediction; empty where it did not, or where nothing was tried yet."""
    try:
        return "; ".join(json.loads((folder / _KEPT).read_text(encoding="utf-8"))[name]["withheld"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


_KEPT = "outcomes.json"


def _row(outcome: Outcome) -> dict[str, object]:
    import datetime as dt

    return {
        "prediction": outcome.name,
        "is_made": not outcome.withheld,
        "what_is_missing": "; ".join(outcome.withheld) or None,
        "model": outcome.model or None,
        "fitted_as_of_date": dt.date.fromisoformat(outcome.fitted_as_of) if outcome.fitted_as_of else None,
        "notes": "; ".join(outcome.notes) or None,
    }
