"""Data files by their content: a file's name says what is in it, so that damage shows before it reaches a number.

Parquet's own checksums are rarely written and rarely read: a byte that flips in a page may come out as another
price. Hashing runs at 1.4 GB a second and core; the lake of 10 million lines has 93 MB.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from patron.errors import EngineError
from patron.lake.errors import explain_recovery

_NAMED_BY_CONTENT = re.compile(r"part-([0-9a-f]{64})\.parquet")


def name_by_content(path: Path) -> str:
    """The name that a data file with this content has."""
    return f"part-{_hash(path)}.parquet"


def check_files(table: Path, sizes: Mapping[str, int]) -> None:
    """Look at each data file of a table (name -> bytes). Raises EngineError naming the first that is damaged."""
    with ThreadPoolExecutor(thread_name_prefix="patron-lake") as pool:
        faults = pool.map(lambda name: _find_fault(table / name, sizes[name]), sorted(sizes))
    for name, fault in zip(sorted(sizes), faults, strict=True):
        if fault:
            raise EngineError(f"a file of the lake {fault}", where=str(table / name), do=explain_recovery(table))


def _find_fault(path: Path, size: int) -> str | None:
    if not path.is_file():
        return "is missing"
    if path.stat().st_size != size:
        return f"has {path.stat().st_size:,} bytes, and {size:,} were written"
    named = _NAMED_BY_CONTENT.fullmatch(path.name)  # a file that another tool wrote is known by its size alone
    return "has changed since it was written" if named and named[1] != _hash(path) else None


def _hash(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
