"""The note that cohorts of the data's first days are left out, because their customers are not all new."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.serve.dashboard.view import View

_SINCE = """
select min(new_since_date) as new_since_date
from gold.cohort_retention
where not is_new
"""


def note_wash_out(view: View) -> str:
    """Write the note; empty where no cohort is left out."""
    since = view.data.first(_SINCE)["new_since_date"]
    if since is None:
        return ""
    day = view.formats.day(since)
    return f"Customers first seen before {day} are left out: some had bought before the data begin."
