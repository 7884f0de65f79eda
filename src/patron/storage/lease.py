"""Which run holds a folder in a bucket: one object, written with conditions, for a lock that reaches across machines.

The holder writes the object anew while it works. If it stops doing so, others may take the lease over once it has
expired. Each write names the version that it replaces, so of two that write at once one fails; and whoever is about to
change something under the lease writes it once more first: a run that slept too long learns there that it lost it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from patron.errors import LockedError, PatronError
from patron.storage.address import Address
from patron.storage.bucket import Bucket, ChangedError

SECONDS = 60.0
"""How long a lease holds after its last renewal."""

_RENEWALS = 4
"""How often it is renewed in that time."""

NAME = "_lease.json"


class Lease:
    """A lease on a folder. was_taken_over: from a holder that did not give it back, and may yet wake up."""

    def __init__(self, folder: Address, here: Path) -> None:
        self.address, self._bucket = folder.join(NAME), Bucket(folder)
        self._token, self._place = uuid.uuid4().hex, f"{_name_machine()} {here}"
        self._identity, self._until, self._lost = "", 0.0, ""
        self._writing, self._stop = threading.Lock(), threading.Event()
        self.was_taken_over = False

    def acquire(self) -> None:
        """Take the lease. Raises LockedError where another run holds it, and what the storage refuses."""
        found = self._bucket.read(self.address.key)
        try:
            if found is None:
                self._set(self._bucket.create(self.address.key, self._describe()))
            else:
                held = _parse(found[0])
                if not self._is_free(held):
                    raise self._explain_held(held)
                self.was_taken_over = not held.get("is_released")
                self._set(self._bucket.replace(self.address.key, self._describe(), found[1]))
        except ChangedError:
            found = self._bucket.read(self.address.key)
            raise self._explain_held(_parse(found[0]) if found else {}) from None
        threading.Thread(target=self._renew_until_stopped, name="patron-lease", daemon=True).start()

    def confirm(self) -> None:
        """See that this run still holds the lease, by writing it once more. Raises LockedError where it does not."""
        self._renew()
        if self._lost:
            raise LockedError(
                self._lost, where=str(self.address), do="run again; nothing of this run was changed since"
            )

    def release(self) -> None:
        """Give the lease back, so that nobody has to wait for its end; where that fails, it expires."""
        self._stop.set()
        with suppress(PatronError), self._writing:
            if not self._lost:
                self._bucket.replace(self.address.key, self._describe(is_released=True), self._identity)
        self._lost = self._lost or "The lease was given back."

    def _set(self, identity: str) -> None:
        self._identity, self._until = identity, time.monotonic() + SECONDS

    def _renew(self) -> None:
        with self._writing:
            if self._lost:
                return
            try:
                self._set(self._bucket.replace(self.address.key, self._describe(), self._identity))
            except ChangedError:
                self._check_own_write()

    def _check_own_write(self) -> None:
        """A write whose answer was lost, and that was tried again, meets itself."""
        found = self._bucket.read(self.address.key)
        if found is not None and _parse(found[0]).get("token") == self._token:
            self._set(found[1])
        else:
            self._lost = "Another run has taken over the lake, since this one did not answer for too long."

    def _renew_until_stopped(self) -> None:
        while not self._stop.wait(SECONDS / _RENEWALS):
            with suppress(PatronError):  # the storage may answer next time; whoever writes confirms first
                self._renew()

    def _is_free(self, held: dict[str, Any]) -> bool:
        """Whether a lease was given back, has expired, or is of a run of this very project, whose lock is free."""
        return bool(held.get("is_released")) or held.get("until", 0) < time.time() or held.get("place") == self._place

    def _describe(self, *, is_released: bool = False) -> bytes:
        about = {
            "token": self._token,
            "process": os.getpid(),
            "host": socket.gethostname(),
            "place": self._place,
            "until": time.time() + SECONDS,
            "number": uuid.uuid4().hex,  # so that each writing of it is another version
            "is_released": is_released,
        }
        return json.dumps(about).encode()

    def _explain_held(self, held: dict[str, Any]) -> LockedError:
        until = dt.datetime.fromtimestamp(held.get("until", 0), dt.UTC)
        who = f"process {held['process']} on {held['host']}" if "host" in held else "a process that has just started"
        what = f"Another run is using this lake: {who}, until {until:%H:%M:%S} UTC at least."
        do = (
            f"wait for it to end; a run that was killed frees the lake after {SECONDS:.0f} seconds; nothing was changed"
        )
        return LockedError(what, where=str(self.address), do=do)


def _parse(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _name_machine() -> str:
    """A name that no other machine has, nor this one after it was started again."""
    try:
        booted = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        booted = uuid.uuid4().hex
    return f"{socket.gethostname()} {booted}"
