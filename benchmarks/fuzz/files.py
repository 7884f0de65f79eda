"""Mutated files are read as a landing reads them: every row is landed or rejected, or the file is refused by name."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pyarrow as pa

from benchmarks.fuzz.byte_mutations import damage, mutate_text
from benchmarks.fuzz.exports import MARK, Export, list_exports, read_real_exports
from benchmarks.fuzz.table_mutations import mutate_table
from benchmarks.fuzz.writing import Written, write
from patron.errors import PatronError, SourceError
from patron.ingest.files.content_hash import Fingerprint
from patron.ingest.files.formats import FormatOpener
from patron.ingest.files.found_file import FoundFile
from patron.ingest.files.reader import list_original_names
from patron.ingest.files.rejected_rows import RAW_LIMIT, Rejects
from patron.ingest.source import FileSource

_PACKED: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda raw: bytes(pa.compress(raw, "zstd", asbytes=True)),
}
_CASE_NAMES = ("as it is", "table changed", "bytes changed", "table and bytes changed")


@dataclass(frozen=True)
class Case:
    """A file, and what must come of it.

    exact: the table that must land. marks: those in the text, once for each time; most_marks: with those that a quote
    interrupts. undamaged: the content before damage that a checksum reveals; the same must land, or nothing.
    """

    kind: str
    name: str
    content: bytes
    exact: Export | None = None
    marks: Counter[bytes] | None = None
    most_marks: Counter[bytes] | None = None
    undamaged: bytes | None = None


class Files:
    """Makes and judges the cases of one seed."""

    name = "files"

    def __init__(self, seed: int, folder: Path, real_data: Path | None = None) -> None:
        self._seed, self._folder = seed, folder
        random = Random(seed)
        self._exports = list_exports(random) * 2
        if real_data is not None:
            self._exports += read_real_exports(real_data, random)

    def make(self, number: int) -> Case:
        """Make a case, the same for the same seed and number."""
        random = Random(f"{self._seed}:{number}")
        way = random.choices((0, 1, 2, 3), (3, 30, 50, 17))[0]
        export = random.choice(self._exports)
        export = mutate_table(export, random) if way in (1, 3) else export
        written = write(export, random)
        if way in (2, 3):
            change = mutate_text if written.is_text else damage
            changed = replace(written, content=change(written.content, random), is_exact=False)
            case = _expect(export, changed, way)
            has_checksum = written.has_checksum and changed.content != written.content
            return _pack(replace(case, undamaged=written.content if has_checksum else None), changed, random)
        return _pack(_expect(export, written, way), written, random)

    def judge(self, number: int) -> tuple[str, str | None]:
        """Read a case; return its kind, and what is wrong. Raises whatever patron raises but a PatronError."""
        case = self.make(number)
        path = self._folder / case.name
        path.write_bytes(case.content)
        try:
            return case.kind, _judge(case, path)
        finally:
            path.unlink()


def _expect(export: Export, written: Written, way: int) -> Case:
    case = Case(f"{written.kind}: {_CASE_NAMES[way]}", "case" + written.ending, written.content)
    if written.is_exact:
        return replace(case, exact=export)
    if written.is_text and not _is_wide(written.content):
        loose = re.sub(rb"[\"'\\\r\0]", b"", written.content)
        return replace(case, marks=_count_marks(written.content), most_marks=_count_marks(loose))
    return case


def _is_wide(content: bytes) -> bool:
    """Whether a text may be read as UTF-16, in which no mark can be seen."""
    return content.startswith((b"\xff\xfe", b"\xfe\xff")) or content[: 2**18].count(0) * 5 >= min(len(content), 2**18)


def _pack(case: Case, written: Written, random: Random) -> Case:
    """Compress some of the text files, and damage some of these."""
    if written.ending not in (".csv", ".jsonl", ".json") or random.random() > 0.1:
        return case
    ending = random.choice(list(_PACKED))
    packed = replace(case, name=case.name + ending, content=_PACKED[ending](case.content), kind=f"compressed {ending}")
    if random.random() < 0.5:
        return packed
    content = damage(packed.content, random)
    has_checksum = ending != ".zst" and content not in {packed.content, b""}  # an empty file has no rows, which is told
    return Case(
        f"compressed {ending}, damaged", packed.name, content, undamaged=packed.content if has_checksum else None
    )


def _judge(case: Case, path: Path) -> str | None:
    source = FileSource("fuzz", ("*",), records="orders" if b'"orders": [' in case.content[:40] else None)
    try:
        read = _read(source, path)
    except PatronError as error:
        return _judge_refusal(case, error)
    if case.exact is not None:
        return read.compare(case.exact)
    if case.marks is not None:
        return read.compare_marks(case.marks, case.most_marks or case.marks)
    if case.undamaged is not None:
        path.write_bytes(case.undamaged)
        return None if read == _read(source, path) else "damage passed unseen"
    return None


def _judge_refusal(case: Case, error: PatronError) -> str | None:
    if case.exact is not None:
        return f"refused: {error}"
    if not isinstance(error, SourceError) or case.name not in f"{error.where} {error.what}":
        return f"the error is no SourceError that names the file: {type(error).__name__}: {error}"
    return None


@dataclass(frozen=True)
class _Read:
    """What came of a file."""

    header: list[str]
    rows: list[dict[str, str | None]]
    by_place: list[list[str | None]]
    raw: list[str]

    def compare_marks(self, least: Counter[bytes], most: Counter[bytes]) -> str | None:
        cells = "\n".join(cell for row in self.by_place for cell in row if cell)
        found = _count_marks("\n".join([*self.header, cells, *self.raw]).encode("utf-8", "replace"))
        lost = least - found if not any(len(raw.encode()) >= RAW_LIMIT - 4 for raw in self.raw) else None
        more = found - most
        return f"lost {dict(lost)}" if lost else f"more {dict(more)}" if more else None

    def compare(self, expected: Export) -> str | None:
        """Compare with the table by places, or by names where it came as objects."""
        if self.raw:
            return f"rejected {self.raw[:2]!r}"
        if len(self.rows) != len(expected.rows):
            return f"{len(self.rows)} rows instead of {len(expected.rows)}"
        for number, wanted in enumerate(expected.rows):
            by_name = self.rows[number]
            for place, (name, cell) in enumerate(zip(expected.header, wanted, strict=True)):
                if not _is_alike(cell, by_name.get(name), self.by_place[number][place : place + 1]):
                    return f"row {number}, {name!r}: {self.by_place[number]!r} instead of {wanted!r}"
        return None


def _is_alike(wanted: str, by_name: str | None, by_place: list[str | None]) -> bool:
    return wanted in {by_name or "", *(cell or "" for cell in by_place)}


def _read(source: FileSource, path: Path) -> _Read:
    readable = FormatOpener(source).open(Fingerprint(FoundFile(path, path.name), path.name, path.stat().st_size, 0))
    with Rejects(path.with_suffix(".rejected"), 1, datetime(2024, 1, 1, tzinfo=UTC)) as rejects:
        batches = list(readable.batches(rejects))
        raw = [text for batch in rejects.reader() for text in batch["raw"].to_pylist()] if rejects.rows else []
    names = list_original_names(readable.columns)
    places = [list(row) for batch in batches for row in zip(*(column.to_pylist() for column in batch), strict=True)]
    places = [[_write(cell) for cell in row] for row in places]
    return _Read(names, [dict(zip(names, row, strict=True)) for row in places], places, raw)


def _write(cell: object) -> str | None:
    return cell if cell is None or isinstance(cell, str) else str(cell)


def _count_marks(content: bytes) -> Counter[bytes]:
    return Counter(MARK.findall(content))
