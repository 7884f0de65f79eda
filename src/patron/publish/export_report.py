"""The result of an export of gold to a server."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Export:
    """The result of an export.

    is_new: False if the schema was up to date. loaded: table -> rows written. unchanged: tables that were up to date.
    left_out: personal columns that were not exported.
    """

    schema: str
    snapshot: str
    as_of: str
    is_new: bool = False
    loaded: dict[str, int] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    views: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
