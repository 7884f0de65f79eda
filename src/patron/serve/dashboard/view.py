"""The context that a page is drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.project.number_format import Formats
    from patron.project.project import Project
    from patron.serve.dashboard.data import Data
    from patron.serve.dashboard.filters import Filters
    from patron.serve.dashboard.sign_in.access import User
    from patron.serve.dashboard.theme import Theme


@dataclass(frozen=True)
class View:
    """The published tables, the selected filters, the user, and the shop's number formats."""

    data: Data
    filters: Filters
    formats: Formats
    user: User
    theme: Theme
    project: Project
