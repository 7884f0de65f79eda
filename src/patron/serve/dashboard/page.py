"""The definition of a dashboard page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.serve.dashboard.filters import NO_FILTERS, FilterSpec

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View


@dataclass(frozen=True)
class Page:
    """One page of the dashboard.

    path: its name in the URL. question: the question that it answers, shown as the subtitle. icon: a Material symbol.
    filters: the filters that it applies; no others are shown. needs: gold tables; if all of them are empty, the page
    explains why instead of being rendered. opens: the URL parameter that opens a single item, to which no filter
    applies.
    """

    path: str
    title: str
    question: str
    icon: str
    render: Callable[[View], None]
    filters: FilterSpec = NO_FILTERS
    needs: tuple[str, ...] = ()
    opens: str = ""
