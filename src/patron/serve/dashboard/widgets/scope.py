"""Which part of a page the reader's filters reach: figures of all customers say that they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.serve.dashboard.filters import Filters


def of_all(filters: Filters) -> str:
    """A sentence for a figure that segment, region and channel do not reach; empty where none of them is chosen."""
    chosen = filters.segment or filters.region or filters.channel
    return "The filters do not apply here: it is of all customers." if chosen else ""


def sentences(*said: str) -> str:
    """Those that say something, one after the other."""
    return " ".join(one for one in said if one)
