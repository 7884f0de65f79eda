"""What the warehouse's tables were last built from, and whether that build ended."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from patron.files import write_atomically


@dataclass(frozen=True)
class Built:
    """What the tables of the warehouse were last completely built from.

    warehouse_id, number: which warehouse, and how often it was built; both also stand in meta.built.
    since_batch: the highest landing that is in them. as_of_date: ISO; empty where nothing was sold by then.
    lake: source -> id of its bronze table. definitions: model -> hash of what it computes.
    """

    warehouse_id: str
    number: int
    fingerprint: str
    since_batch: int
    as_of_date: str
    lake: dict[str, str]
    definitions: dict[str, str]


class BuildRecord:
    """.patron/built.json: the last complete build, and what a build that has begun since may have touched.

    A build that was killed leaves tables of which some are new. So it writes down, before it starts, what it means
    to build whole; the next build does that again, and takes new rows from where the last complete one ended.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.complete: Built | None = None
        self.begun: list[str] | None = None
        self.begun_whole = False
        self._read()

    def _read(self) -> None:
        try:
            said: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
            self.complete = Built(**said["complete"]) if said["complete"] else None
            self.begun, self.begun_whole = said["begun"], bool(said["begun_whole"])
        except (OSError, ValueError, TypeError, KeyError):
            self.complete, self.begun, self.begun_whole = None, None, False

    @property
    def is_complete(self) -> bool:
        """Whether every table is what the last build made of it."""
        return self.complete is not None and self.begun is None

    @property
    def fingerprint(self) -> str:
        """What the tables were built from; empty while they are, or were left, half built."""
        return self.complete.fingerprint if self.complete is not None and self.begun is None else ""

    def begin(self, whole: Iterable[str] | None) -> None:
        """A build begins. whole: the refreshed models that it builds whole; None for everything."""
        self.begun = sorted({*(self.begun or []), *(whole or [])})
        self.begun_whole = self.begun_whole or whole is None
        self._write()

    def end(self, built: Built) -> None:
        self.complete, self.begun, self.begun_whole = built, None, False
        self._write()

    def restore(self, complete: Built | None) -> None:
        """A build of a part changed nothing that matters: the tables are as complete as they were."""
        self.complete, self.begun, self.begun_whole = complete, None, False
        self._write()

    def _write(self) -> None:
        complete = asdict(self.complete) if self.complete else None
        content = {"complete": complete, "begun": self.begun, "begun_whole": self.begun_whole}
        write_atomically(self.path, json.dumps(content, indent=1))
