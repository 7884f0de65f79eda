"""The outcome of a prediction in a run: the model it was made by, or why it was withheld."""

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
"""Columns: prediction, is_made, what_is_missing, model, fitted_as_of_date, cautions, notes."""

_FILE_NAME = "outcomes.json"


@dataclass(frozen=True)
class Outcome:
    """The outcome of one prediction.

    name: which prediction. withheld: what is missing, one sentence each; empty if it was made. fitted: why a model was
    fitted in this run; empty if the stored one scored. model: its name for people. fitted_as_of: the day up to which
    the model has seen the shop, ISO. cautions: what every reader of the numbers has to know, one sentence each; the run
    and the pages show them. notes: what else is known about the numbers.
    """

    name: str
    withheld: list[str] = field(default_factory=list)
    fitted: str = ""
    model: str = ""
    fitted_as_of: str = ""
    cautions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def to_table(outcomes: Iterable[Outcome]) -> pa.Table:
    """Build the rows of TABLE, without the reason of the fit, which describes the run and not the numbers."""
    import pyarrow as pa

    fields = [("prediction", pa.string()), ("is_made", pa.bool_()), ("what_is_missing", pa.string())]
    fields += [("model", pa.string()), ("fitted_as_of_date", pa.date32())]
    fields += [("cautions", pa.string()), ("notes", pa.string())]
    return pa.Table.from_pylist([_to_row(outcome) for outcome in outcomes], pa.schema(fields))


def save(models_folder: Path, outcomes: Iterable[Outcome]) -> None:
    """Save the outcomes of the last run, which explain why tables are empty. Raises OSError."""
    by_name = {outcome.name: asdict(outcome) for outcome in outcomes}
    write_atomically(models_folder / _FILE_NAME, json.dumps(by_name, indent=1, ensure_ascii=False) + "\n")


def load_withheld_reason(models_folder: Path, name: str) -> str:
    """Load the reason why the last run withheld a prediction; empty if it did not, or before the first run."""
    try:
        return "; ".join(json.loads((models_folder / _FILE_NAME).read_text(encoding="utf-8"))[name]["withheld"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _to_row(outcome: Outcome) -> dict[str, object]:
    import datetime as dt

    return {
        "prediction": outcome.name,
        "is_made": not outcome.withheld,
        "what_is_missing": "; ".join(outcome.withheld) or None,
        "model": outcome.model or None,
        "fitted_as_of_date": dt.date.fromisoformat(outcome.fitted_as_of) if outcome.fitted_as_of else None,
        "cautions": " ".join(f"{caution}." for caution in outcome.cautions) or None,
        "notes": "; ".join(outcome.notes) or None,
    }
