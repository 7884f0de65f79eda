"""Files that are objects in a bucket: found by the patterns of files, and downloaded one by one when they are read.

Every reader works on a file that does not change under it, so an object is read from a copy: of the one version that
was listed, or the source stops. Copies are deleted, the longest unused first, once they are more than DOWNLOADED_BYTES.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import threading
from collections.abc import Iterable, Iterator
from fnmatch import translate
from functools import lru_cache
from pathlib import Path

from patron.errors import SettingsError, SourceError
from patron.files import PRIVATE_FOLDER, translate_disk_errors
from patron.ingest.files.found_file import FoundFile
from patron.storage.address import Address, is_address, parse_address
from patron.storage.bucket import Bucket, StoredObject

DOWNLOADED_BYTES = 4 * 2**30
_MAGIC = re.compile(r"[*?\[]")


class FoundObject(FoundFile):
    """An object in a bucket. Its path is that of a copy, made when somebody asks for it."""

    def __init__(self, stored: StoredObject, display_name: str, bucket: Bucket, downloads: Downloads) -> None:
        object.__setattr__(self, "display_name", display_name)
        object.__setattr__(self, "identity", f"{stored.address} {stored.identity!r} {stored.size} {stored.modified}")
        self.__dict__.update(_stored=stored, _bucket=bucket, _downloads=downloads)

    _stored: StoredObject
    _bucket: Bucket
    _downloads: Downloads

    @property
    def path(self) -> Path:
        """Download the object, unless its copy is there; return the copy's path. Raises SourceError."""
        return self._downloads.fetch(self._bucket, self._stored)

    def read_signs(self) -> tuple[int, int]:
        """Return the size and time of the version that was listed, which is the one that is read."""
        return self._stored.size, self._stored.modified

    def read_head(self, size: int) -> bytes:
        """Read the first bytes without a copy."""
        return self._bucket.read_start(self._stored, size)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FoundObject) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)


class Downloads:
    """A folder of copies of objects."""

    def __init__(self, folder: Path | None) -> None:
        if folder is None:
            self._own = tempfile.TemporaryDirectory(prefix="patron-objects-")  # deleted with this
            folder = Path(self._own.name)
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        self._held: dict[str, int] = {}  # name -> bytes; the longest unused first
        self._lock = threading.Lock()
        self._fetching: dict[str, threading.Lock] = {}

    def fetch(self, bucket: Bucket, stored: StoredObject) -> Path:
        """Return the path of an object's copy. Raises SourceError, and EngineError where the disk is full."""
        name = hashlib.sha256(f"{stored.address}\n{stored.identity}\n{stored.modified}".encode()).hexdigest()
        path = self._folder / name
        with self._lock:
            one = self._fetching.setdefault(name, threading.Lock())
        with one:
            if not path.exists():
                with translate_disk_errors(path):
                    bucket.download(stored, path)
            self._note(name, stored.size)
        return path

    def _note(self, name: str, size: int) -> None:
        """Delete the longest unused copies. One that is being read stays readable: the system keeps it until closed."""
        with self._lock:
            self._held.pop(name, None)
            self._held[name] = size
            while len(self._held) > 1 and sum(self._held.values()) > DOWNLOADED_BYTES:
                oldest = next(iter(self._held))
                del self._held[oldest]
                (self._folder / oldest).unlink(missing_ok=True)


def match_objects(patterns: Iterable[str], root: Path | Address, downloads: Path | None) -> Iterator[FoundObject]:
    """Yield every object that matches. Names are from the root where that is in the same bucket, else addresses.

    Raises SourceError where the bucket does not answer or a pattern names a folder; SettingsError.
    """
    copies = Downloads(downloads)
    for pattern in patterns:
        address = _parse(pattern) if is_address(pattern) or not isinstance(root, Address) else root.join(pattern)
        bucket = Bucket(address, SourceError)
        for stored in _list_matches(bucket, address):
            yield FoundObject(stored, _display_name(stored.address, root), bucket, copies)


def _parse(text: str) -> Address:
    try:
        return parse_address(text)
    except ValueError as error:
        raise SettingsError(str(error), where=text, do="correct the address in patron.yaml") from None


def _list_matches(bucket: Bucket, pattern: Address) -> list[StoredObject]:
    found = bucket.list_objects(_fixed_folder(pattern.key))
    exact = [each for each in found if each.address.key == pattern.key]
    if exact:  # a name may contain characters special to a glob, such as [1]
        return exact
    if any(each.address.key.startswith(f"{pattern.key}/") for each in found) or not pattern.key:
        do = f"write {pattern}/*.csv, for example"
        raise SourceError("the pattern names a folder", where=str(pattern), do=do)
    parts = pattern.key.split("/")
    return [each for each in found if _matches(each.address.key.split("/"), parts)]


def _fixed_folder(key: str) -> str:
    """The folder above the first part of a pattern that has wildcards, which is what must be listed."""
    magic = _MAGIC.search(key)
    return key[: magic.start() if magic else len(key)].rpartition("/")[0]


def _matches(name: list[str], pattern: list[str]) -> bool:
    """Match part by part, as files on a disk are: `**` stands for any folders, and dots in front must be written."""
    if not pattern or not name:
        return not pattern and not name
    if pattern[0] == "**":
        rest = pattern[1:] or ["*"]
        return _matches(name, rest) or (not name[0].startswith(".") and len(name) > 1 and _matches(name[1:], pattern))
    hidden = name[0].startswith(".") and not pattern[0].startswith(".")
    return not hidden and bool(_compile(pattern[0]).match(name[0])) and _matches(name[1:], pattern[1:])


@lru_cache(maxsize=256)
def _compile(part: str) -> re.Pattern[str]:
    return re.compile(translate(part))


def _display_name(found: Address, root: Path | Address) -> str:
    inside = f"{root}/"
    return str(found).removeprefix(inside) if isinstance(root, Address) else str(found)
