"""Turns pip's report of an installation into a lock: each package's version and hash, and no host."""

from __future__ import annotations

import json
import sys
from typing import Any

HEADER = """\
# Versions and hashes of what `pip install patron[postgres,xlsx]` brings on Linux (x86-64), Python 3.11. Names no host.
# Written by `make lock`; install with: pip install --require-hashes --no-deps -r lock-linux-py311.txt
"""


def render_lock(report: dict[str, Any]) -> str:
    """Render the lock of a report (`pip install --dry-run --report`). Raises KeyError where a hash is missing."""
    lines = {
        one["metadata"]["name"].lower(): f"{one['metadata']['name']}=={one['metadata']['version']} "
        f"--hash=sha256:{one['download_info']['archive_info']['hashes']['sha256']}"
        for one in report["install"]
        if one["metadata"]["name"] != "patron"
    }
    return HEADER + "".join(f"{lines[name]}\n" for name in sorted(lines))


if __name__ == "__main__":
    sys.stdout.write(render_lock(json.load(sys.stdin)))
