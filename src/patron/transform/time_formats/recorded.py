"""The formats that were recognized, kept beside the lake, so that what lands later never changes what was read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patron.lake import Lake

_NAME = "time_formats.json"


@dataclass(frozen=True)
class Recorded:
    """What was found for one column.

    table: the id of the bronze table that holds its values. formats: None if no value told. since_batch: the last
    landing that was looked at.
    """

    table: str
    formats: tuple[str, ...] | None
    since_batch: int


class RecordedFormats:
    """A note of the lake, time_formats.json: source -> column or expression, with its condition -> what was found."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._known, self._is_changed = self._read(), False

    def get(self, source: str, column: str) -> Recorded | None:
        """What is recorded for a column; None if nothing is, or it cannot be read."""
        try:
            found = self._known[source][column]
            formats = None if found["formats"] is None else tuple(map(str, found["formats"]))
            return Recorded(str(found["table"]), formats, int(found["since_batch"]))
        except (KeyError, TypeError, ValueError):
            return None

    def put(self, source: str, column: str, recorded: Recorded) -> None:
        """Record what was found, or that nothing was."""
        self._known.setdefault(source, {})[column] = asdict(recorded)
        self._is_changed = True

    def save(self) -> None:
        """Write the file, if anything was put."""
        if self._is_changed:
            self._lake.write_note(_NAME, json.dumps(self._known, indent=1))
            self._is_changed = False

    def _read(self) -> dict[str, Any]:
        try:
            known = json.loads(self._lake.read_note(_NAME) or "{}")
        except ValueError:
            return {}
        return known if isinstance(known, dict) else {}
