"""Spellings of earlier versions: each works for one version more, with a notice on standard error."""

from __future__ import annotations

import sys


def warn_old_spelling(old: str, new: str) -> None:
    """Name the new spelling of a command or option, in one line on standard error: `--json` stays one document."""
    sys.stderr.write(f"notice: `{old}` is now `{new}`; the old spelling will stop working in the next version\n")
