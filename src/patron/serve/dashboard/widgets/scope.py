"""Notes for the parts of a page that the filters do not apply to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.serve.dashboard.filters import Filters


def note_unfiltered(filters: Filters) -> str:
    """Return a note for a chart that segment, region and channel do not apply to; empty where none is set."""
    chosen = filters.segment or filters.region or filters.channel
    return "The filters do not apply here; all customers are included." if chosen else ""


def join_sentences(*sentences: str) -> str:
    """Join the sentences that are not empty."""
    return " ".join(one for one in sentences if one)
