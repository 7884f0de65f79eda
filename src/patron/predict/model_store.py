"""Stores fitted models as human-readable JSON: what was fitted, on which data, and when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.files import write_atomically

if TYPE_CHECKING:
    from patron.project.settings.predictions import Refit

FORMAT = 3


@dataclass(frozen=True)
class FitWindow:
    """The data a model was fitted on. as_of_date: ISO. settings: those on which the fit depends."""

    as_of_date: str
    customer_count: int
    settings: dict[str, Any]


@dataclass(frozen=True)
class StoredModel:
    """A fitted model on disk. content: defined by the prediction that stores it."""

    window: FitWindow
    content: dict[str, Any]


def load(path: Path) -> StoredModel | None:
    """Load the stored model; None if there is none that this version can read, so that it is fitted again."""
    try:
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return StoredModel(FitWindow(**stored["window"]), stored["content"]) if stored["format"] == FORMAT else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def save(path: Path, window: FitWindow, content: Mapping[str, Any]) -> None:
    """Replace the stored model atomically. Raises OSError."""
    stored = {"format": FORMAT, "window": asdict(window), "content": content}
    write_atomically(path, json.dumps(stored, indent=1, allow_nan=False))


def find_reason_to_fit(stored: StoredModel | None, now: FitWindow, rule: Refit) -> str:
    """Explain why a model has to be fitted (again); empty if the stored one may score."""
    if stored is None:
        return "no model was stored"
    before = stored.window
    if before.settings != now.settings:
        return "its settings changed"
    days = _count_days_between(before.as_of_date, now.as_of_date)
    if days < 0:
        return "as_of is earlier than that of the stored fit"
    if days >= rule.after_days:
        return f"as_of moved by {days} days"
    growth = abs(now.customer_count - before.customer_count) / before.customer_count
    return f"the number of customers changed by {growth:.0%}" if growth >= rule.growth else ""


def _count_days_between(earlier: str, later: str) -> int:
    import datetime as dt

    return (dt.date.fromisoformat(later) - dt.date.fromisoformat(earlier)).days
