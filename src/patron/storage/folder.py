"""A folder in a bucket, with a folder on this machine for copies of what is read."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from patron.errors import LockedError
from patron.storage.address import Address
from patron.storage.bucket import Bucket
from patron.storage.credentials import CLIENT_OPTIONS, RETRIES, read_options, uses_plain_http
from patron.storage.lease import Lease

_LEASES: dict[Address, Lease] = {}
"""The leases that this process holds, by their folder."""


@dataclass(frozen=True)
class RemoteFolder:
    """A folder in a bucket. copies: its place on this machine. leased: the folder whose lease covers this one."""

    address: Address
    copies: Path
    leased: Address | None = field(default=None)

    def join(self, name: str) -> RemoteFolder:
        """Return a folder in this one, under the same lease."""
        return RemoteFolder(self.address.join(name), self.copies / name, self.leased or self.address)

    @functools.cached_property
    def bucket(self) -> Bucket:
        return Bucket(self.address)

    def key(self, name: str) -> str:
        """Return the name of an object of this folder in its bucket."""
        return self.address.join(name).key

    def options(self) -> dict[str, str]:
        """Return what delta-rs is told beside the address."""
        found = {key.upper(): value for key, value in read_options(self.address).items()}
        found |= {"AWS_CONDITIONAL_PUT": "etag"} if self.address.scheme == "s3" else {}
        found |= {"max_retries": str(RETRIES["max_retries"]), "retry_timeout": "60s"}
        return {**found, **CLIENT_OPTIONS, "allow_http": str(uses_plain_http(read_options(self.address))).lower()}

    @property
    def lease(self) -> Lease:
        """The lease under which this process may write here. Raises LockedError where it holds none."""
        held = _LEASES.get(self.leased or self.address)
        if held is None:
            what = "The lake was to be changed without its lease."
            raise LockedError(what, where=str(self.address), do="run again")
        return held

    @property
    def is_leased(self) -> bool:
        """Whether this process holds the lease."""
        return (self.leased or self.address) in _LEASES

    @property
    def holds_taken_lease(self) -> bool:
        """Whether this process holds the lease, and took it from a run that may yet wake up."""
        held = _LEASES.get(self.leased or self.address)
        return held is not None and held.was_taken_over

    @contextmanager
    def hold_lease(self, here: Path) -> Iterator[None]:
        """Hold the folder's lease while the block runs. here: the project that holds it. Raises LockedError."""
        lease = Lease(self.address, here)
        lease.acquire()
        _LEASES[self.address] = lease
        try:
            yield
        finally:
            del _LEASES[self.address]
            lease.release()
