"""Which files wait in the folders of a shop's sources, and whether they have stopped growing."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from patron.errors import SourceError
from patron.ingest.files.connector import find_root
from patron.ingest.files.find_files import match_files

if TYPE_CHECKING:
    from patron.project.project import Project


def hash_files(project: Project) -> str:
    """Hash names, sizes and times of all files that sources read; empty if there are none."""
    found = []
    for source in project.settings.sources.values():
        folder = find_root(project.root, source.data or project.settings.data)
        try:
            files = match_files(source.list_patterns(), folder)
        except SourceError:
            continue  # a bucket that does not answer, or a folder that is not there yet: `patron run` says so
        for file in files:
            found.append((file.display_name, *file.read_signs()))
    return hashlib.sha256(json.dumps(sorted(found)).encode()).hexdigest() if found else ""


def decide(cursor: str | None, now: str) -> tuple[str, bool]:
    """Decide whether to run: the new cursor, and whether files are other than in the last run and as at the last look.

    A file that is still being copied looks different at each look, and is waited for. cursor: as the last call gave it.
    """
    seen, done = json.loads(cursor) if cursor else ["", ""]
    is_ready = bool(now) and now == seen and now != done
    return json.dumps([now, now if is_ready else done]), is_ready
