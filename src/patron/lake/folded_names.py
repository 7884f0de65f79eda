"""When two column names are one: in whatever case, and with an accent as a character of its own or as a part of one."""

from __future__ import annotations

import unicodedata


def fold_name(name: str) -> str:
    """Return what equal names have in common."""
    return unicodedata.normalize("NFC", name).casefold()
