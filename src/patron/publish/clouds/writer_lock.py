"""One export at a time writes to a schema: a row says who, and since when."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from patron.errors import LockedError

if TYPE_CHECKING:
    from patron.engines.clouds.client import CloudClient

_EXPIRES = dt.timedelta(minutes=30)
"""After which an export that was killed stands in nobody's way. Each table that is loaded begins them anew."""


class WriterLock:
    """The lock of a schema of loads. Raises EngineError, as its client does."""

    def __init__(self, client: CloudClient, loads: str, holder: str) -> None:
        self._client, self._place, self._loads = client, f"{loads}.writer", loads
        self._holder = client.literal(holder)

    def take(self) -> None:
        """Take the lock. Raises LockedError if another export holds it."""
        text = self._client.types["text"]
        self._client.execute(f"create table if not exists {self._place} (holder {text}, taken_at {text})")
        self._client.execute(
            f"insert into {self._place} (holder, taken_at) select '', '' from "
            f"(select count(*) as row_count from {self._place}) as counted where row_count = 0"
        )
        expired = self._client.literal((_now() - _EXPIRES).isoformat())
        self._update(f"taken_at < {expired}")
        self.check()

    def renew(self) -> None:
        """Hold the lock for some more time."""
        self._update(f"holder = {self._holder}")

    def release(self) -> None:
        """Give the lock back."""
        self._client.execute(f"update {self._place} set taken_at = '' where holder = {self._holder}")

    def check(self) -> None:
        """Raise LockedError unless this export holds the lock."""
        held = f"select count(*) as held from {self._place} where holder = {self._holder} and taken_at <> ''"
        if not self._client.query(held)["held"][0].as_py():
            do = f"wait until it is done ({_EXPIRES.seconds // 60} minutes, if it was killed); nothing was changed"
            raise LockedError("Another export is writing this schema.", where=f"schema {self._loads}", do=do)

    def _update(self, where: str) -> None:
        now = self._client.literal(_now().isoformat())
        self._client.execute(f"update {self._place} set holder = {self._holder}, taken_at = {now} where {where}")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
