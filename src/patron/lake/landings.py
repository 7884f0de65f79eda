"""What a table's history says of each file that landed: its rows, and which of its rejected rows still stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from patron.lake.bronze_table import BronzeTable
from patron.lake.offsets import AGAIN, LandedPosition


@dataclass
class LandedFile:
    """A file's landing, and each time since that its rejected rows were read again, oldest first."""

    landing: LandedPosition
    replays: list[LandedPosition] = field(default_factory=list)

    @property
    def content_hash(self) -> str:
        return self.landing.id

    @property
    def origin(self) -> str:
        """The path under which the file landed."""
        return self.landing.origin

    @property
    def batch_id(self) -> int:
        """The landing that brought the file."""
        return self.landing.batch_id

    @property
    def landed_at(self) -> datetime:
        return self.landing.landed_at

    @property
    def rejected_rows(self) -> int:
        """Those that still stand."""
        return self.landing.rejected_rows + sum(replay.rejected_rows for replay in self.replays)

    @property
    def rows_read_again(self) -> int:
        return sum(replay.rows for replay in self.replays)

    @property
    def rejected_batch_id(self) -> int:
        """The batch that spoke last of the file's rejected rows; older ones are superseded."""
        return self.replays[-1].batch_id if self.replays else self.batch_id

    @property
    def superseded_batch_ids(self) -> list[int]:
        return [position.batch_id for position in [self.landing, *self.replays]][:-1]

    def rows_since(self, batch_id: int) -> int:
        """Rows that came to bronze after this batch."""
        return sum(each.rows for each in [self.landing, *self.replays] if each.batch_id > batch_id)


def list_landed_files(table: BronzeTable) -> list[LandedFile]:
    """The history by file, in the order they landed."""
    files: list[LandedFile] = []
    by_id: dict[str, LandedFile] = {}
    for position in table.landings():
        if position.id.endswith(AGAIN):
            by_id[position.id.removesuffix(AGAIN)].replays.append(position)
        else:
            by_id[position.id] = LandedFile(position)
            files.append(by_id[position.id])
    return files
