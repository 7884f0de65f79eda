"""The formats that were recognized, kept beside the lake, so that what lands later never changes what was read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from patron.files import write_atomically


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
    """.patron/lake/time_formats.json: source -> column or expression, with its condition -> what was found."""

    def __init__(self, lake: Path) -> None:
        self.path = lake / "time_formats.json"
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
            write_atomically(self.path, json.dumps(self._known, indent=1))
            self._is_changed = False

    def _read(self) -> dict[str, Any]:
        try:
            known = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}
