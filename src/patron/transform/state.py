"""What the warehouse's tables were last built from, and whether that build ended."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from patron.files import write_atomically

FORMAT = 2
"""Of the record. It grows whenever a key gets another meaning; then the tables are built again from the lake."""


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
    """.patron/built.json: the last complete build, and what a later build that did not end may have changed.

    A build that was killed leaves some tables new and some old. So before it starts, it records which models it
    builds in full; the next build does that again, and takes new rows from where the last complete build ended.

    is_unreadable: whether the file is damaged, or of a version that recorded other things; then nothing is known until
    a build is complete. version: of patron, that wrote the file; empty where it does not say.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.complete: Built | None = None
        self.begun: list[str] | None = None
        self.begun_full = False
        self.is_unreadable = False
        self.version = ""
        self._read()

    def _read(self) -> None:
        try:
            content: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
            self.version = str(content.get("version", ""))
            if content.get("format", 1) != FORMAT:
                self.is_unreadable = True
                return
            self.is_unreadable = bool(content["follows_unreadable"])
            complete = Built(**content["complete"]) if content["complete"] else None
            self.complete, self.begun, self.begun_full = complete, content["begun"], bool(content["begun_full"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            self.is_unreadable = True

    @property
    def is_complete(self) -> bool:
        """Whether every table is what the last build made of it."""
        return self.complete is not None and self.begun is None

    @property
    def fingerprint(self) -> str:
        """What the tables were built from; empty during a build, and after one that did not end."""
        return self.complete.fingerprint if self.complete is not None and self.begun is None else ""

    def begin(self, full: Iterable[str] | None) -> None:
        """Record that a build begins. full: the incremental models that it builds in full; None for everything."""
        self.begun = sorted({*(self.begun or []), *(full or [])})
        self.begun_full = self.begun_full or full is None
        self._write()

    def end(self, built: Built) -> None:
        """Record that the build is complete."""
        self.complete, self.begun, self.begun_full, self.is_unreadable = built, None, False, False
        self._write()

    def restore(self, complete: Built | None) -> None:
        """Record that the tables are as complete as before: a build of a selection changed nothing that matters."""
        self.complete, self.begun, self.begun_full = complete, None, False
        self._write()

    def _write(self) -> None:
        complete = asdict(self.complete) if self.complete else None
        content = {"format": FORMAT, "version": find_version(), "complete": complete, "begun": self.begun}
        content |= {"begun_full": self.begun_full, "follows_unreadable": self.is_unreadable}
        write_atomically(self.path, json.dumps(content, indent=1))


def find_version() -> str:
    """Return the version of patron that runs."""
    from patron import __version__

    return __version__
