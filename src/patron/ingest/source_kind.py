"""What the rest of patron may know of a kind of source: not which it is, but what it can do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceKind:
    """A kind of source.

    name: the key of patron.yaml that chooses it. hint: what to write there. keys: all its keys, `name` among them.
    unit: what one landing of it brings, in the plural. is_changelog: whether a changed row lands again and a deleted
    one lands as a row with DELETED set, so that the latest row of a key counts. connector: `module:class`, imported
    at first use. is_live: whether its connector can follow what arrives, as `patron stream` does.
    """

    name: str
    hint: str
    keys: tuple[str, ...]
    unit: str
    is_changelog: bool
    connector: str
    is_live: bool = False
