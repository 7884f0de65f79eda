"""How far a source has been read. A position travels in the same commit as the rows that it speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.errors import EngineError

if TYPE_CHECKING:
    from deltalake import CommitProperties

BATCH_POSITION = "patron.batch_id"
"""The position that every commit carries; so two commits at once cannot both succeed."""


FORMAT = 1
"""Of what a commit says of its landing. It grows where an older patron would misread it; see `refuse_newer`."""

AGAIN = "@again"
"""The end of the id of a position that speaks of rejected rows of a landed file which were read again."""


@dataclass(frozen=True)
class Position:
    """How far a source has been read: kept in the commit that holds the rows.

    id: a file's content hash, a topic and partition, a table's name.
    version: 1 for a file; an offset or cursor that grows for the others.
    origin: the file's path, or what else a person calls it.
    size: of a file, its bytes.
    rows, rejected_rows: what came in. Where rejected rows are read again: by how much the two counts change.
    key: of a table, the bronze columns that tell its rows apart; none: its rows cannot be told apart.
    cursor: of a table, the column it is read by -> the last value seen, as text.
    """

    id: str
    version: int = 1
    origin: str = ""
    rows: int = 0
    rejected_rows: int = 0
    key: Sequence[str] = ()
    cursor: Mapping[str, str] = field(default_factory=dict)
    size: int = 0


@dataclass(frozen=True, kw_only=True)
class LandedPosition(Position):
    """One line of a table's history: a position, and the commit that holds it."""

    batch_id: int
    landed_at: datetime


def commit_properties(positions: list[Position], batch_id: int, summary: dict[str, Any]) -> CommitProperties:
    """What a commit says beside its rows: positions as app transactions, and as entries of the history."""
    from deltalake import CommitProperties, Transaction

    known = {"format": FORMAT, "batch_id": batch_id, "positions": [asdict(position) for position in positions]}
    marks = [*((position.id, position.version) for position in positions), (BATCH_POSITION, batch_id)]
    return CommitProperties(
        custom_metadata={"patron": {**summary, **known}},
        app_transactions=[Transaction(id_, version) for id_, version in marks],
        max_commit_retries=0,
    )


def refuse_newer(landing: Mapping[str, Any], place: Path) -> None:
    """Raise EngineError if a later version of patron landed rows here, in a way that this one does not know."""
    if landing.get("format", 1) > FORMAT:
        what = (
            f"the lake was written by a newer version of patron (format {landing['format']}; this one knows {FORMAT})"
        )
        raise EngineError(what, where=str(place), do="install that version, or a later one; nothing was changed")
