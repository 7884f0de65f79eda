"""Files that begin with all of one that landed: yesterday's export with today's rows behind it.

Of such a file only the rest lands. It is known by its bytes, so names do not matter; but a short file may well begin as
another does, so under another name it must begin with at least three lines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from patron.errors import SourceError
from patron.ingest.files.content_hash import Fingerprint
from patron.ingest.files.text_stream import is_compressed
from patron.lake import LandedFile

_HEAD_BYTES = 4096
_LEAST_LINES = 3
_PIECE = 2**20


@dataclass(frozen=True)
class Beginning:
    """A file that another may begin with."""

    content_hash: str
    size: int
    display_name: str
    landed: str = ""

    def describe(self) -> str:
        """Name the file, and the day on which it landed, if that was before."""
        return f"{self.display_name}{self.landed}"


@dataclass(frozen=True)
class GrownFile:
    """A new file, and the longest one that it begins with; or a known one that begins with all of it."""

    file: Fingerprint
    beginning: Beginning | None = None
    within: Fingerprint | None = None

    @property
    def remark(self) -> str | None:
        """What a landing tells of it."""
        name = self.file.file.display_name
        if self.within is not None:
            return f"{name}: {self.within.file.display_name} begins with all of it; nothing landed"
        if self.beginning is None:
            return None
        return f"{name} begins with all of {self.beginning.describe()}; only the rows behind landed"


def find_grown(found: Iterable[Fingerprint], new: list[Fingerprint], landed: Iterable[LandedFile]) -> list[GrownFile]:
    """Find what new files begin with: files that landed, and others of now. Beginnings come before what they begin.

    Raises SourceError for a file that was extended inside its last row, since that row landed cut off.
    """
    before = [
        Beginning(each.content_hash, each.landing.size, each.origin, f", which landed on {each.landed_at:%Y-%m-%d}")
        for each in landed
        if each.landing.size and each.landing.rows
    ]
    others = _list_alike(found) if new else {}
    grown = [_look_at(file, before, others.get(file.content_hash, [])) for file in new]
    return sorted(grown, key=lambda each: each.beginning.size if each.beginning else 0)


def _look_at(file: Fingerprint, before: list[Beginning], alike: list[Fingerprint]) -> GrownFile:
    if is_compressed(file.file.path):
        return GrownFile(file)
    within = next((other for other in alike if other.size > file.size and _begins(other, file)), None)
    if within is not None:
        return GrownFile(file, within=within)
    others = [Beginning(each.content_hash, each.size, each.file.display_name) for each in alike]
    longest = _find_longest(file, [*before, *others])
    if longest is None:
        return GrownFile(file)
    _refuse_torn_row(file, longest)
    return GrownFile(replace(file, start=longest.size), longest)


def _begins(longer: Fingerprint, shorter: Fingerprint) -> bool:
    """Whether a file with rows begins another; two new ones are seen from the longer one's side."""
    one = Beginning(shorter.content_hash, shorter.size, shorter.file.display_name)
    return longer.is_landed and _find_longest(longer, [one]) is not None


def _find_longest(file: Fingerprint, candidates: Iterable[Beginning]) -> Beginning | None:
    by_size: dict[int, dict[str, Beginning]] = {}
    for each in candidates:
        if 0 < each.size < file.size:
            by_size.setdefault(each.size, {}).setdefault(each.content_hash, each)
    found, digest, lines, at = None, hashlib.sha256(), 0, 0
    if by_size:
        with file.file.path.open("rb") as content:
            for size in sorted(by_size):
                while at < size and (piece := content.read(min(_PIECE, size - at))):
                    digest.update(piece)
                    lines, at = lines + piece.count(b"\n") + piece.count(b"\r"), at + len(piece)
                known = by_size[size].get(digest.hexdigest())
                if known and (lines >= _LEAST_LINES or known.display_name == file.file.display_name):
                    found = known
    return found


def _list_alike(found: Iterable[Fingerprint]) -> dict[str, list[Fingerprint]]:
    """Each file's others that begin alike, as far as their first bytes tell."""
    with ThreadPoolExecutor(thread_name_prefix="patron-heads") as pool:
        files = list(found)
        read = pool.map(lambda file: file.file.read_head(_HEAD_BYTES), files)
    heads = sorted(zip(read, range(len(files)), files, strict=True))
    alike: dict[str, list[Fingerprint]] = {}
    open_: list[tuple[bytes, Fingerprint]] = []
    for head, _, file in heads:
        while open_ and not head.startswith(open_[-1][0]):
            open_.pop()
        for _, other in open_:
            alike.setdefault(file.content_hash, []).append(other)
            alike.setdefault(other.content_hash, []).append(file)
        open_.append((head, file))
    return alike


def _refuse_torn_row(file: Fingerprint, beginning: Beginning) -> None:
    with file.file.path.open("rb") as content:
        content.seek(beginning.size - 2)
        around = content.read(3)
    ends = around[1:] if b"\0" not in around else around
    if not any(sign in b"\r\n" for sign in ends):
        raise SourceError(
            f"the file goes on inside the last row of {beginning.describe()}, which was not complete then",
            where=file.file.display_name,
            do="map a `key:` of the rows, so that the newest row of a key counts; or deliver whole rows in a new file",
        )
