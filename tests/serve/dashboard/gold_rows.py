"""What the published tables say, asked without the dashboard; and what a page's CSV says."""

from __future__ import annotations

import csv
import io
from typing import Any

from patron.project.project import Project
from patron.publish.reader import open_published


def gold(project: Project, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Rows of a query over gold."""
    with open_published(project.published) as connection:
        return connection.execute(sql, parameters).fetchall()


def records(text: str) -> list[dict[str, str]]:
    """Rows of a CSV file by its header."""
    return list(csv.DictReader(io.StringIO(text)))
