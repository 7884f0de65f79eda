"""Fitted models on disk, as JSON that people can read: what was fitted, on what, and when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.files import write_atomically

if TYPE_CHECKING:
    from patron.project.settings.predictions import Refit

FORMAT = 1


@dataclass(frozen=True)
class Window:
    """The data that a model was fitted on. settings: those that another fit would depend on."""

    as_of_date: str
    customer_count: int
    settings: dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """A fitted model as it stands on disk. content: whatever its kind says of itself."""

    window: Window
    content: dict[str, Any]


def read(path: Path) -> Stored | None:
    """None where there is no model, or none that this version can read: then it is fitted again."""
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Stored(Window(**said["window"]), said["content"]) if said["format"] == FORMAT else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write(path: Path, window: Window, content: Mapping[str, Any]) -> None:
    """Replace the model in one step: a reader, or the next run, meets the old one or the new one."""
    stored = {"format": FORMAT, "window": asdict(window), "content": content}
    write_atomically(path, json.dumps(stored, indent=1, allow_nan=False))


def why_fit(stored: Stored | None, now: Window, rule: Refit) -> str:
    """Why a model is to be fitted (again); empty where the stored one may score."""
    if stored is None:
        return "no model was stored"
    before = stored.window
    if before.settings != now.settings:
        return "its settings changed"
    days = _days_between(before.as_of_date, now.as_of_date)
    if days < 0:
        return "as_of lies before the day that it was fitted at"
    if days >= rule.after_days:
        return f"as_of moved by {days} days"
    growth = abs(now.customer_count - before.customer_count) / before.customer_count
    return f"its customers changed by {growth:.0%}" if growth >= rule.growth else ""


def _days_between(earlier: str, later: str) -> int:
    import datetime as dt

    return (dt.date.fromisoformat(later) - dt.date.fromisoformat(earlier)).days
