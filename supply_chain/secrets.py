"""Looks for secrets in the files of the repository: `python -m supply_chain.secrets`. Exits 1 if it finds one."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATTERNS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "a key of AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b",
    "a token of GitLab": r"\bglpat-[A-Za-z0-9_\-]{20,}\b",
    "a token of Slack": r"\bxox[abprs]-[A-Za-z0-9\-]{10,}\b",
    "a key of Stripe": r"\b[rs]k_live_[A-Za-z0-9]{20,}\b",
    "a key of Google": r"\bAIza[0-9A-Za-z_\-]{35}\b",
    "a token of a package registry": r"\bpypi-[A-Za-z0-9_\-]{50,}\b",
    "a web token": r"\beyJ[A-Za-z0-9_\-]{15,}\.eyJ[A-Za-z0-9_\-]{15,}\.[A-Za-z0-9_\-]{15,}\b",
    "a password in a URL": r"\b[a-z][a-z0-9+]*://[^\s:/@'\"{}$<>]+:(?!PASSWORD|password|secret|\.\.\.|\*)[^\s:/@'\"{}$<>]{8,}@[\w.\-]+\.[a-z]{2,}",
}
_KNOWN = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}


def find_secrets(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the kind of each secret in a text."""
    for number, line in enumerate(text.splitlines(), start=1):
        yield from ((number, name) for name, pattern in _KNOWN.items() if pattern.search(line))


def list_files() -> list[Path]:
    """List the files that the repository keeps."""
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in found.decode().split("\0") if name and (ROOT / name).is_file()]


def main() -> int:
    """Print each secret's place and kind, never the secret."""
    count = 0
    for path in list_files():
        for number, name in find_secrets(path.read_bytes().decode("utf-8", errors="replace")):
            count += 1
            sys.stdout.write(f"{path.relative_to(ROOT)}:{number}: {name}\n")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
