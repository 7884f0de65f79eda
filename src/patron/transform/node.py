"""One model, seed or data test of the compiled project."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

SINCE_BATCH, AS_OF_DATE = ":since_batch", ":as_of_date"
"""Placeholders in incremental SQL: the last landing, and the day, of the last complete build."""


LISTS_OF_CHANGES = ("changed_orders", "changed_lines")
"""The models that say what changed: they have incremental SQL though they are not incremental models themselves."""


@dataclass(frozen=True)
class Node:
    """One model, seed or data test.

    kind: model, seed or test. place: its file in the project, without the ending. code: the SQL of all its rows, or a
    seed's text. incremental: the SQL of the groups that new rows affect; empty where it is the same. parents: the
    models and seeds that it reads. sources: what else it reads, as bronze.receipts. refreshed_by, follows,
    keeps_removed: see sql/macros/refresh.sql. rules_of: the model whose data tests these are; empty for all others.
    tags: what `--select tag:` finds it by. day: of a day-grained model, the column of the day; empty for others.
    is_tested_once: whether a model's data tests say nothing new until it is built in full again.
    """

    name: str
    kind: str
    place: str
    schema: str = ""
    code: str = ""
    parents: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    materialized: str = "table"
    refreshed_by: tuple[str, ...] = ()
    follows: str = ""
    keeps_removed: bool = False
    rules_of: str = ""
    column_types: Mapping[str, str] = field(default_factory=dict)
    incremental: str = ""
    tags: tuple[str, ...] = ()
    day: str = ""
    is_tested_once: bool = False

    @property
    def definition(self) -> str:
        """A hash of the code: equal for equal code."""
        return hashlib.sha256(self.code.encode()).hexdigest()[:32]

    @property
    def seal(self) -> str:
        """A hash of the code and the incremental SQL."""
        return hashlib.sha256(f"{self.code}\0{self.incremental}".encode()).hexdigest()

    @property
    def place_and_name(self) -> tuple[str, str]:
        """The node's identity: no two nodes share both."""
        return self.place, self.name
