"""Refuses settings in which an answer is missing, as `patron init` leaves them where files do not say enough."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from patron.errors import SettingsError
from patron.project.settings.yaml_file import Place, format_where

UNKNOWN = "CHANGE_ME"
"""Stands where an answer is missing."""


def refuse_unanswered(content: Any, path: Path, lines: dict[Place, int]) -> None:
    """Refuse settings that hold UNKNOWN. Raises SettingsError, naming the first place and how many there are."""
    places = list(_find_unanswered(content, ()))
    if not places:
        return
    several = f" So do {len(places) - 1} more settings." if len(places) > 1 else ""
    raise SettingsError(
        f"A question is open: {UNKNOWN} stands for something that your files do not say.{several}",
        where=format_where(path, lines, places[0]),
        do=f"answer the questions at the top of {path.name}: replace each line with one of its choices",
    )


def _find_unanswered(content: Any, place: Place) -> Iterator[Place]:
    if isinstance(content, str) and UNKNOWN in content:
        yield place
    elif isinstance(content, dict):
        for key, value in content.items():
            yield from _find_unanswered(value, (*place, str(key)))
    elif isinstance(content, list):
        for position, value in enumerate(content):
            yield from _find_unanswered(value, (*place, position))
