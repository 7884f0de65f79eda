"""One bucket of object storage: list, read, and write with conditions.

obstore is the client: it is made of the same parts as delta-rs, so what one reaches the other reaches, too.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from patron.errors import EngineError, PatronError, SettingsError
from patron.storage.address import Address
from patron.storage.credentials import CLIENT_OPTIONS, RETRIES, read_options, uses_plain_http
from patron.storage.errors import refuse_lost_bucket, translate_storage_errors

_PIECE = 8 * 2**20


@dataclass(frozen=True)
class StoredObject:
    """An object as it was seen. modified: nanoseconds since 1970. identity: another one after each write of it."""

    address: Address
    size: int
    modified: int
    identity: str
    e_tag: str | None = None


class ChangedError(PatronError):
    """An object that was to be written is not as a condition says: somebody else was first."""


def import_client(where: str = "") -> Any:
    """Import the library that speaks to object storage. Raises SettingsError naming the extra that installs it."""
    try:
        import obstore
        import obstore.store
    except ImportError:
        what = "The extra cloud is not installed, which reads and writes object storage."
        raise SettingsError(what, where=where, do="install it: pip install 'patron[cloud]'") from None
    return obstore


class Bucket:
    """A bucket. kind: the error that its failures become."""

    _CONDITIONS: ClassVar = ("AlreadyExistsError", "PreconditionError", "NotModifiedError")

    def __init__(self, address: Address, kind: type[PatronError] = EngineError) -> None:
        """Connect at first use. Raises SettingsError where the extra is missing."""
        self._client, self._address, self._kind = import_client(str(address)), address, kind
        self._conditions = tuple(getattr(self._client.exceptions, name) for name in self._CONDITIONS)

    @functools.cached_property
    def _store(self) -> Any:
        options = read_options(self._address)
        client = {**CLIENT_OPTIONS, "allow_http": uses_plain_http(options)}
        with self._translate(self._address):
            return self._client.store.from_url(
                self._address.root, config=options, client_options=client, retry_config=RETRIES
            )

    @contextlib.contextmanager
    def _translate(self, address: Address) -> Iterator[None]:
        with translate_storage_errors(address, self._kind):
            yield

    def list_objects(self, prefix: str) -> list[StoredObject]:
        """List the objects whose names begin with a folder, in no order."""
        with self._translate(self._address):
            pages = self._client.list(self._store, prefix.strip("/") or None)
            return [self._describe(meta) for page in pages for meta in page]

    def list_level(self, folder: str) -> list[StoredObject]:
        """List the objects directly in a folder."""
        return [self._describe(meta) for meta in self._list_one_level(folder)["objects"]]

    def list_folders(self, folder: str) -> list[str]:
        """List the names of the folders directly in one."""
        found = self._list_one_level(folder)["common_prefixes"]
        return sorted(name.rstrip("/").rpartition("/")[2] for name in found)

    def _list_one_level(self, folder: str) -> Any:
        with self._translate(self._address):
            return self._client.list_with_delimiter(self._store, folder.strip("/") or None)

    def find(self, key: str) -> StoredObject | None:
        """Look for an object by its name."""
        with self._translate(self._at(key)):
            try:
                return self._describe(self._client.head(self._store, key))
            except FileNotFoundError:
                return None

    def read(self, key: str) -> tuple[bytes, str] | None:
        """Read a small object, with its identity; None where there is none."""
        with self._translate(self._at(key)):
            try:
                found = self._client.get(self._store, key)
                return bytes(found.bytes()), self._describe(found.meta).identity
            except FileNotFoundError as error:
                refuse_lost_bucket(error)
                return None

    def read_start(self, stored: StoredObject, size: int) -> bytes:
        """Read the first bytes of an object."""
        if not stored.size:
            return b""
        with self._translate(stored.address):
            found = self._client.get_range(self._store, stored.address.key, start=0, end=min(size, stored.size))
            return bytes(found)

    def read_pieces(self, stored: StoredObject) -> Iterator[bytes]:
        """Read an object as it was seen, piece by piece. Raises the kind of error where it was written to since."""
        options = {"if_match": stored.e_tag} if stored.e_tag else None
        read = 0
        with self._translate(stored.address):
            try:
                found = self._client.get(self._store, stored.address.key, options=options)
            except (*self._conditions, FileNotFoundError) as error:
                refuse_lost_bucket(error)
                raise self._explain_change(stored) from error
            for piece in found.stream(min_chunk_size=_PIECE):
                read += len(piece)
                yield bytes(piece)
        if read != stored.size:
            raise self._explain_change(stored)

    def download(self, stored: StoredObject, path: Path) -> None:
        """Write an object to a file, whole or not at all. Raises as `read_pieces`, and OSError."""
        part = path.with_name(f".{path.name}.part")
        try:
            with part.open("wb") as file:
                for piece in self.read_pieces(stored):
                    file.write(piece)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def upload(self, path: Path, key: str) -> None:
        """Write a file to an object, whatever is there."""
        with self._translate(self._at(key)):
            self._client.put(self._store, key, path)

    def create(self, key: str, content: bytes) -> str:
        """Write an object that must not be there yet; give its identity. Raises ChangedError where it is."""
        return self._put(key, content, "create")

    def replace(self, key: str, content: bytes, identity: str) -> str:
        """Write an object that must be as it was seen; give its identity. Raises ChangedError where it is not."""
        e_tag, _, version = identity.partition("\n")
        known = {"e_tag": e_tag, "version": version}
        return self._put(key, content, {name: value for name, value in known.items() if value})

    def write(self, key: str, content: bytes) -> str:
        """Write an object, whatever is there; give its identity."""
        return self._put(key, content, "overwrite")

    def delete(self, key: str) -> None:
        """Delete an object; one that is gone already is no error."""
        with self._translate(self._at(key)), contextlib.suppress(FileNotFoundError):
            self._client.delete(self._store, key)

    def _put(self, key: str, content: bytes, mode: Any) -> str:
        with self._translate(self._at(key)):
            try:
                return _identify(self._client.put(self._store, key, content, mode=mode, use_multipart=False))
            except self._conditions as error:
                raise ChangedError("The object was written by somebody else.", where=str(self._at(key))) from error

    def _at(self, key: str) -> Address:
        return Address(self._address.scheme, self._address.bucket, key)

    def _describe(self, meta: Any) -> StoredObject:
        modified = int(meta["last_modified"].timestamp() * 1e9)
        return StoredObject(self._at(meta["path"]), meta["size"], modified, _identify(meta), meta.get("e_tag"))

    def _explain_change(self, stored: StoredObject) -> PatronError:
        return self._kind(
            "the object was changed or deleted while it was read; nothing of it landed",
            where=str(stored.address),
            do="run again once it is written",
        )


def _identify(meta: Any) -> str:
    return f"{meta.get('e_tag') or ''}\n{meta.get('version') or ''}"
