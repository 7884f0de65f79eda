"""The record of each exported audience: how it was selected, who was to be contacted, and who was held out.

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
from patron.files import PRIVATE_FOLDER, translate_disk_errors, write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

_RECORD = "audience.json"
_MEMBERS = "members.parquet"


class UnknownAudienceError(PatronError):
    """No audience with that name was exported."""

    exit_code = 3
    kind = "unknown_audience"


@dataclass(frozen=True)
class Record:
    """One exported audience.

    definition: what selected the customers. counted_after: the last day with an order at the time of the export;
    later orders are measured. means: column -> its mean in the treatment and in the control group at that time.
    exported: where the list was written, and with which columns; no secret.
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
        """Return the last day whose orders are measured."""
        if self.counted_after is None:
            return None
        return dt.date.fromisoformat(self.counted_after) + dt.timedelta(days=self.measure_days)

    def is_open(self, last_order_date: dt.date | None) -> bool:
        """Return whether the measurement is still running, given orders up to that day."""
        until = self.counted_until
        return self.held_out > 0 and until is not None and (last_order_date is None or last_order_date < until)


def to_slug(name: str) -> str:
    """Turn a name into one for folders and tables: lower-case letters, digits and _."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40] or "audience"


@contextmanager
def keep_record(folder: Path, facts: dict[str, Any], members: pa.Table) -> Iterator[Record]:
    """Write the record before the block exports the list: a list without a record could never be measured.

    facts: the fields of the Record without its id. If the block raises, the record is deleted.
    Raises EngineError if the disk refuses.
    """
    import pyarrow.parquet as pq

    with translate_disk_errors(folder):
        record = Record(id=_reserve_id(folder, facts["name"], facts["as_of"]), **facts)
    place = folder / record.id
    try:
        with translate_disk_errors(place):
            pq.write_table(members, place / _MEMBERS)
            write_atomically(place / _RECORD, json.dumps(asdict(record), indent=2, ensure_ascii=False))
        yield record
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _reserve_id(folder: Path, name: str, day: str) -> str:
    """Create the folder of a new id at once, so that no other process takes the id."""
    folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    number = 1
    while True:
        id_ = f"{to_slug(name)}-{day or 'undated'}-{number}"
        try:
            (folder / id_).mkdir(mode=PRIVATE_FOLDER)
        except FileExistsError:
            number += 1
        else:
            return id_


def load_records(folder: Path) -> list[Record]:
    """Load every record, the oldest first; what a killed command left half written is skipped."""
    found = [_read(path) for path in folder.glob(f"*/{_RECORD}")]
    return sorted((one for one in found if one is not None), key=lambda one: (one.made_at, one.id))


def _read(path: Path) -> Record | None:
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def find_record(folder: Path, name: str) -> Record:
    """Find a record by its id, or the latest one of that name. Raises UnknownAudienceError, with the latest ids."""
    made = load_records(folder)
    found = [one for one in made if name == one.id] or [one for one in made if name.lower() == one.name.lower()]
    if not found:
        near = ", ".join(one.id for one in reversed(made[-5:]))
        do = f"`patron audience list` shows all; the latest: {near}" if near else "`patron audience create` exports one"
        raise UnknownAudienceError(f"There is no audience {name!r}.", where=str(folder), do=do)
    return found[-1]


def load_members(folder: Path, record: Record) -> pa.Table:
    """Load the customers of an audience: customer_id, is_held_out, place (their rank, from 1).

    Raises UnknownAudienceError if the file is missing or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / record.id / _MEMBERS
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        do = "restore the file from a backup; without it the control group is unknown"
        raise UnknownAudienceError("The members of the audience cannot be read.", where=str(path), do=do) from error


def find_overlaps(folder: Path, contacted: set[str], last_order_date: dt.date | None) -> list[tuple[Record, int]]:
    """Find audiences that are still being measured and hold out some of the customers to contact, and how many."""
    import pyarrow.compute as pc

    found = []
    for record in load_records(folder):
        if record.is_open(last_order_date):
            members = load_members(folder, record)
            held = members.filter(pc.field("is_held_out")).column("customer_id").to_pylist()
            count = len(contacted.intersection(held))
            if count:
                found.append((record, count))
    return found
