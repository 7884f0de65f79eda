"""What a page is, and what it is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from patron.project.number_format import Formats
    from patron.project.project import Project
    from patron.serve.dashboard.data import Data
    from patron.serve.dashboard.filters import Filters
    from patron.serve.dashboard.sign_in.access import User
    from patron.serve.dashboard.theme import Theme

FilterName = Literal["period", "segment", "region", "channel"]


@dataclass(frozen=True)
class View:
    """What a page draws from: the published tables, what is filtered by, who looks, and how the shop writes."""

    data: Data
    filters: Filters
    formats: Formats
    user: User
    theme: Theme
    project: Project


@dataclass(frozen=True)
class Page:
    """One page of the dashboard.

    path: its name in the URL. question: what it answers, as its heading. icon: a Material symbol.
    filters: those that it applies; the others are not shown there. default_period: what it shows where nobody chose.
    needs: gold tables; where they all are empty, the page says why instead of being drawn. opens: a parameter of the
    URL that opens one thing of the page, to which no filter applies.
    """

    path: str
    title: str
    question: str
    icon: str
    render: Callable[[View], None]
    filters: tuple[FilterName, ...] = ()
    default_period: Literal["all", "month", "quarter", "year"] = "all"
    needs: tuple[str, ...] = ()
    opens: str = ""
