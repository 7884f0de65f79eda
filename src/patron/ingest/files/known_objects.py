"""Which objects of buckets were read before, by their identity, with the hash of what they held.

Losing this costs time alone: the objects are read once more, and their content says what has landed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.ingest.files.content_hash import Fingerprint
    from patron.lake import Lake


class KnownObjects:
    """The objects of one source that the lake's notes know."""

    def __init__(self, lake: Lake, source: str) -> None:
        self._lake, self._name = lake, f"objects/{source}.json"
        self.hashes = self._read()

    def save(self, found: Iterable[Fingerprint]) -> None:
        """Keep those that were found now, if they are others than before."""
        now = {each.file.identity: each.content_hash for each in found if each.file.identity}
        if now != self.hashes:
            self._lake.write_note(self._name, json.dumps(now, indent=0))
            self.hashes = now

    def _read(self) -> dict[str, str]:
        try:
            held = json.loads(self._lake.read_note(self._name) or "{}")
        except ValueError:
            return {}
        return {str(key): str(value) for key, value in held.items()} if isinstance(held, dict) else {}
