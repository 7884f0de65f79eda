"""What is kept of each audience: how it was made, who was to be contacted, and who was held out.

.patron/audiences/<name>-<day>-<number>/ holds audience.json and members.parquet (customer_id, is_held_out, place).
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.errors import PatronError
from patron.files import translate_disk_errors, write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

_SAYS = "audience.json"
_MEMBERS = "members.parquet"


class UnknownAudienceError(PatronError):
    """No audience of that name was made."""

    exit_code = 3
    kind = "unknown_audience"


@dataclass(frozen=True)
class Record:
    """One audience. counted_after: the last day with an order when it was made; what comes later is measured.

    definition: what chose the people. means: column -> its mean in treatment and in holdout, when it was made.
    exported: where the treatment group went, and with which columns; no secret.
    """

    id: str
    name: str
    definition: dict[str, Any]
    made_at: str
    as_of: str
    snapshot: str
    counted_after: str | None
    measure_days: int
    seed: int
    holdout: float
    people: int
    treatment: int
    held_out: int
    means: dict[str, list[float | None]] = field(default_factory=dict)
    exported: dict[str, Any] = field(default_factory=dict)

    @property
    def counted_until(self) -> dt.date | None:
        """The last day that is measured."""
        if self.counted_after is None:
            return None
        return dt.date.fromisoformat(self.counted_after) + dt.timedelta(days=self.measure_days)

    def is_open(self, last_order_date: dt.date | None) -> bool:
        """Whether it is still being measured, with orders up to that day."""
        until = self.counted_until
        return self.held_out > 0 and until is not None and (last_order_date is None or last_order_date < until)


def slug(name: str) -> str:
    """A name for folders and tables: small letters, digits and _."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40] or "audience"


@contextmanager
def kept(folder: Path, said: dict[str, Any], members: pa.Table) -> Iterator[Record]:
    """Keep an audience before it is exported inside: a list that went out without a record could never be measured.

    said: the Record without its id. Where the block raises, nothing is kept. Raises EngineError where the disk refuses.
    """
    import pyarrow.parquet as pq

    with translate_disk_errors(folder):
        record = Record(id=_reserved(folder, said["name"], said["as_of"]), **said)
    place = folder / record.id
    try:
        with translate_disk_errors(place):
            pq.write_table(members, place / _MEMBERS)
            write_atomically(place / _SAYS, json.dumps(asdict(record), indent=2, ensure_ascii=False))
        yield record
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _reserved(folder: Path, name: str, day: str) -> str:
    """The id of a folder that is made here and now, so that nobody else takes it."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        id_ = f"{slug(name)}-{day or 'undated'}-{number}"
        try:
            (folder / id_).mkdir()
        except FileExistsError:
            number += 1
        else:
            return id_


def records(folder: Path) -> list[Record]:
    """Every audience that was made, the oldest first; what a killed command left half written is none."""
    found = [_read(path) for path in folder.glob(f"*/{_SAYS}")]
    return sorted((one for one in found if one is not None), key=lambda one: (one.made_at, one.id))


def _read(path: Path) -> Record | None:
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def record_of(folder: Path, asked: str) -> Record:
    """By its id, or the newest of that name. Raises UnknownAudienceError, with what there is."""
    made = records(folder)
    found = [one for one in made if asked == one.id] or [one for one in made if asked.lower() == one.name.lower()]
    if not found:
        near = ", ".join(one.id for one in reversed(made[-5:]))
        do = f"`patron audience --list` shows all; the newest: {near}" if near else "make one with `patron audience`"
        raise UnknownAudienceError(f"No audience {asked!r} was made.", where=str(folder), do=do)
    return found[-1]


def members_of(folder: Path, record: Record) -> pa.Table:
    """customer_id, is_held_out, place. Raises UnknownAudienceError where the file is gone or damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / record.id / _MEMBERS
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        do = "bring the file back from a copy; without it nobody knows who was held out"
        raise UnknownAudienceError("The members of the audience cannot be read.", where=str(path), do=do) from error


def held_out_elsewhere(folder: Path, contacted: set[str], last_order_date: dt.date | None) -> list[tuple[Record, int]]:
    """Audiences that are still measured, and how many of those to be contacted are held out in them."""
    import pyarrow.compute as pc

    found = []
    for record in records(folder):
        if record.is_open(last_order_date):
            members = members_of(folder, record)
            held = members.filter(pc.field("is_held_out")).column("customer_id").to_pylist()
            count = len(contacted.intersection(held))
            if count:
                found.append((record, count))
    return found
