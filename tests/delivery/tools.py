"""Linters beside Python: where they are, or the skip that names them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_PLACES = (Path(sys.executable).parent, Path.home() / "go/bin")


def find_tool(name: str) -> str:
    """Find a program beside Python's, where Go puts them, or on the path; skip the test that needs it otherwise."""
    found = shutil.which(name, path=os.pathsep.join([*map(str, _PLACES), os.environ["PATH"]]))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def complain(tool: str, *arguments: str | Path, cwd: Path | None = None) -> str:
    """Return what a linter has to say; nothing if it is content."""
    found = subprocess.run([find_tool(tool), *arguments], cwd=cwd, check=False, capture_output=True, text=True)
    return "" if found.returncode == 0 else found.stdout + found.stderr
