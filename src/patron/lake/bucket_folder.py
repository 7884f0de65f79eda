"""A Delta table in a bucket. Its log and data files are there; data files that were read have copies on this machine.

A data file never changes and most are named by their content, so a copy is good for ever, and a download that was
damaged shows. The log is never copied: delta-rs reads and writes it where it is, and creates each entry only if nobody
else has.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from patron.errors import EngineError, LockedError, PatronError
from patron.files import translate_disk_errors
from patron.lake.checksums import check_files
from patron.lake.table_folder import TableFolder, refuse_second_writer
from patron.lake.vacuum import find_unused_files, read_removals
from patron.storage.bucket import ChangedError, StoredObject
from patron.storage.errors import explain_storage_error
from patron.storage.folder import RemoteFolder

_DAY = 86_400
_AT_ONCE = 8


class BucketFolder:
    """A folder in a bucket; see TableFolder."""

    def __init__(self, remote: RemoteFolder) -> None:
        self._remote, self.path = remote, remote.copies
        self._has_log, self._version = False, -1

    @property
    def uri(self) -> str:
        return str(self._remote.address)

    @property
    def options(self) -> dict[str, str] | None:
        return self._remote.options()

    @contextlib.contextmanager
    def translate_errors(self) -> Iterator[None]:
        from deltalake.exceptions import CommitFailedError, DeltaError

        try:
            with translate_disk_errors(self.path):
                yield
        except CommitFailedError as error:
            raise refuse_second_writer(self.uri) from error
        except (DeltaError, OSError) as error:
            raise explain_storage_error(str(error), self._remote.address) from error

    def confirm(self) -> None:
        self._remote.lease.confirm()

    def has_log(self) -> bool:
        self._has_log = self._has_log or bool(self._list_entries())
        return self._has_log

    def has_first_entry(self) -> bool:
        return self._has_entry(0)

    def find_log_state(self) -> tuple[str, int]:
        """Look whether the entry after the last known one is there: a log of thousands is listed once."""
        if self._version < 0:
            self._version = max((int(Path(each.address.key).stem) for each in self._list_entries()), default=-1)
        while self._has_entry(self._version + 1):
            self._version += 1
        return f"{self._version:020}.json", self._version

    def move_in(self, staged: Path, names: Sequence[str]) -> None:
        """Upload the files; here they become the copies."""
        self.path.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="patron-upload") as pool:
            list(pool.map(lambda name: self._remote.bucket.upload(staged / name, self._remote.key(name)), names))
        for name in names:
            (staged / name).replace(self.path / name)

    def move_back(self, names: Sequence[str], held: Iterable[str] | None) -> None:
        """Leave the objects to `patron tidy`: a commit whose answer was lost may yet come to need them."""

    def fetch(self, sizes: Mapping[str, int]) -> list[Path]:
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="patron-download") as pool:
            return sorted(pool.map(lambda name: self._fetch(name, sizes[name]), sizes))

    def check_files(self, sizes: Mapping[str, int]) -> None:
        """Compare sizes in the bucket, and the content of the copies."""
        found = {each.address.key: each.size for each in self._remote.bucket.list_level(self._remote.address.key)}
        for name, size in sorted(sizes.items()):
            held = found.get(self._remote.key(name))
            if held != size:
                fault = "is missing" if held is None else f"has {held:,} bytes, and {size:,} were written"
                raise self._explain_damage(name, fault)
        self.fetch(sizes)
        check_files(self.path.absolute(), sizes)

    def write_entry(self, version: int, content: str) -> None:
        try:
            self._remote.bucket.create(self._remote.key(f"_delta_log/{version:020}.json"), content.encode())
        except ChangedError as error:
            raise refuse_second_writer(self.uri) from error

    def drop_old_checkpoints(self, kept: int) -> None:
        found = self._remote.bucket.list_level(self._remote.key("_delta_log"))
        old = sorted(each.address.key for each in found if each.address.key.endswith(".checkpoint.parquet"))[:-kept]
        for key in old:
            with contextlib.suppress(PatronError):
                self._remote.bucket.delete(key)

    def find_unused_files(self, held: Iterable[str], days: float) -> list[Path | StoredObject]:
        """Find objects and copies. Of the log, only entries of the last days are read: others removed older files."""
        names, cutoff = set(held), time.time() - days * _DAY
        loose = {
            Path(each.address.key).name: each
            for each in self._remote.bucket.list_level(self._remote.address.key)
            if each.address.key.endswith(".parquet") and each.modified / 1e9 <= cutoff
        }
        loose = {name: each for name, each in loose.items() if name not in names}
        young = [entry for entry in self._list_entries() if entry.modified / 1e9 > cutoff] if loose else []
        removed = [self._remote.bucket.read(entry.address.key) for entry in young]
        kept = read_removals(content[0].decode() for content in removed if content)
        unused = [each for name, each in sorted(loose.items()) if kept.get(name, 0) <= cutoff]
        return [*unused, *find_unused_files(self.path, map(Path, names), days)]

    def _fetch(self, name: str, size: int) -> Path:
        path = self.path.absolute() / name
        if not (path.is_file() and path.stat().st_size == size):
            path.parent.mkdir(parents=True, exist_ok=True)
            stored = StoredObject(self._remote.address.join(name), size, 0, "")
            try:
                self._remote.bucket.download(stored, path)
            except EngineError as error:
                if "changed or deleted" in error.what:
                    raise self._explain_damage(name, "is missing, or has another size") from error
                raise
        return path

    def _has_entry(self, version: int) -> bool:
        return version >= 0 and self._remote.bucket.find(self._remote.key(f"_delta_log/{version:020}.json")) is not None

    def _list_entries(self) -> list[StoredObject]:
        found = self._remote.bucket.list_level(self._remote.key("_delta_log"))
        return [each for each in found if each.address.key.endswith(".json") and Path(each.address.key).stem.isdigit()]

    def _explain_damage(self, name: str, fault: str) -> EngineError:
        do = (
            f"bring back an older version of the object, if the bucket keeps them; or move {self.uri} aside and run "
            "`patron run --full-refresh`: the source's files land again"
        )
        return EngineError(f"a file of the lake {fault}", where=f"{self.uri}/{name}", do=do)


def write_fence(folder: TableFolder, version: int, content_id: str) -> bool:
    """Write an entry that changes nothing: a run that lost its lease before it wrote that version now cannot."""
    info = {"timestamp": time.time_ns() // 1_000_000, "operation": "FENCE", "operationParameters": {}}
    entry = {"commitInfo": {**info, "patron_compaction": {"content_id": content_id}}}
    try:
        folder.write_entry(version + 1, json.dumps(entry) + "\n")
    except LockedError:
        return False
    return True
