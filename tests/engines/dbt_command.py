"""Runs dbt on a rendered project, in a process of its own that knows nothing of patron."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def dbt(folder: Path, *words: str, python: str = sys.executable, **environment: str) -> str:
    """What dbt prints; it must succeed."""
    command = [python, "-m", "dbt.cli.main", *words, "--project-dir", str(folder), "--profiles-dir", str(folder)]
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PATRON_")}
    alone = {**alone, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", **environment}
    if python != sys.executable:
        alone.pop("PYTHONPATH", None)
    done = subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    return done.stdout


def read_artifact(folder: Path, name: str) -> dict[str, Any]:
    """What the last command has written about the project, such as its manifest."""
    return json.loads((folder / "target" / f"{name}.json").read_text())


def list_modified(folder: Path, state: Path) -> set[str]:
    """The models that differ from those of another state, and all that is built from them."""
    select = ("--select", "state:modified+", "--state", str(state), "--resource-type", "model", "--output", "name")
    return set(dbt(folder, "ls", "--quiet", *select).split())
