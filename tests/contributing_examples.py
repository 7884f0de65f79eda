"""The code blocks of CONTRIBUTING.md: each with the path of a new file, or a diff of one that exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
BLOCKS: list[tuple[str, str, str]] = re.findall(
    r"^`([\w./-]+)`\n\n```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL
)
"""Path, language and text of each block, in order."""


def apply_to(copy: Path) -> None:
    """Write every new file, and change every existing one, in a copy of the repository.

    Raises AssertionError for a block without a path, a new file that exists, and a diff whose lines are not there once.
    """
    assert len(BLOCKS) == PAGE.count("\n```") // 2, "a code block without the path of its file"
    for path, language, text in BLOCKS:
        target = copy / path
        assert target.exists() == (language == "diff"), (
            f"{path}: an example needs a new file, or a diff of one there is"
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_patch(target.read_text(), text) if language == "diff" else text)


def _patch(text: str, diff: str) -> str:
    lines = [line if line.strip() else " \n" for line in diff.splitlines(keepends=True)]
    old, new = ("".join(line[1:] for line in lines if line[0] in kept) for kept in ("- ", "+ "))
    assert text.count(old) == 1, f"CONTRIBUTING.md changes lines that are not there, or more than once:\n{old}"
    return text.replace(old, new)
