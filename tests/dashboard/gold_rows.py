"""What gold says, asked without the dashboard; and a downloaded CSV as rows."""

from __future__ import annotations

import csv
import io
from typing import Any

from patron.project import Project
from patron.publish.snapshot import open_published


def gold(project: Project, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Rows over the published tables."""
    with open_published(project.published) as connection:
        return connection.execute(sql, list(parameters)).fetchall()


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV by its header."""
    return list(csv.DictReader(io.StringIO(text)))
