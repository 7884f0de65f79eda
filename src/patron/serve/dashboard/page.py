"""What a page of the dashboard is."""

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

    path: its name in the URL. question: the question that it answers, as its subtitle. icon: a Material symbol.
    filters: those that it applies; the others are not shown there. needs: gold tables; where all of them are empty,
    the page says why instead of being drawn. opens: a parameter of the URL that opens one item of the page, to which
    no filter applies.
    """

    path: str
    title: str
    question: str
    icon: str
    render: Callable[[View], None]
    filters: FilterSpec = NO_FILTERS
    needs: tuple[str, ...] = ()
    opens: str = ""
