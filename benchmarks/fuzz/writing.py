"""How an export is written to a file."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.fuzz.exports import Export


@dataclass(frozen=True)
class Written:
    """A file's content.

    ending: of its name. is_exact: whether each cell must land as it stands in the export. is_text: whether its marks
    can be seen in its bytes. has_checksum: whether damage to its bytes can be told.
    """

    content: bytes
    ending: str
    kind: str
    is_exact: bool = True
    is_text: bool = True
    has_checksum: bool = False


def write(export: Export, random: Random) -> Written:
    """Write the export in one of the formats."""
    return random.choices(_FORMATS, (68, 14, 10, 6, 2))[0](export, random)


def write_delimited(export: Export, random: Random) -> Written:
    """Write the export as delimited text."""
    delimiter = random.choice(",,,;;\t|")
    quoting = random.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC))
    line_end = random.choice(("\n", "\n", "\n", "\r\n", "\r\n", "\r"))
    text = io.StringIO()
    out = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    out.writerows([export.header, *export.rows])
    content = text.getvalue()
    if random.random() < 0.15:
        content = content.removesuffix(line_end)
    encoding = random.choice(("utf-8",) * 6 + ("utf-8-sig", "utf-16", "cp1252", "utf-16-le"))
    try:
        raw = content.encode(encoding)
    except UnicodeEncodeError:
        raw, encoding = content.encode(), "utf-8"
    is_exact = (line_end != "\r" or "\n" not in content) and not (encoding == "cp1252" and _has_utf8_line(raw))
    return Written(raw, ".csv", f"csv, {encoding}", is_exact, not encoding.startswith("utf-16"))


def _has_utf8_line(raw: bytes) -> bool:
    """Whether a line of Windows-1252 is valid UTF-8, too, and is read as such: nothing in it tells."""
    return any(_is_utf8(line) for line in raw.splitlines() if not line.isascii())


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _write_json_lines(export: Export, random: Random) -> Written:
    is_ascii, ends = random.random() < 0.5, "\n" if random.random() < 0.8 else "\r\n"
    lines = [json.dumps(record, ensure_ascii=is_ascii) for record in _list_records(export, random)]
    content = (ends.join(lines) + ends).encode()
    return Written(content, ".jsonl", "json lines", is_exact=len(set(export.header)) == len(export.header))


def _write_json_document(export: Export, random: Random) -> Written:
    records = _list_records(export, random)
    document = records if random.random() < 0.5 else {"next": None, "orders": records, "count": len(records)}
    content = json.dumps(document, indent=random.choice((None, None, 1, 4))).encode()
    return Written(content, ".json", "json document", is_exact=len(set(export.header)) == len(export.header))


def _list_records(export: Export, random: Random) -> list[dict[str, object]]:
    is_nested = random.random() < 0.3
    records: list[dict[str, object]] = []
    for row in export.rows:
        record: dict[str, object] = dict(zip(export.header, row, strict=True))
        if is_nested:
            record["nested"] = {"lines": [{"n": 1, "text": 'a "quoted" [word] {'}, {"n": 2.5}], "deep": [[[None]]]}
        records.append(record)
    return records


def _write_parquet(export: Export, random: Random) -> Written:
    out, has_checksum = io.BytesIO(), random.random() < 0.7
    columns = {f"{place} {name}": [row[place] for row in export.rows] for place, name in enumerate(export.header)}
    pq.write_table(pa.table(columns), out, compression="snappy", write_page_checksum=has_checksum)
    return Written(out.getvalue(), ".parquet", "parquet", is_text=False)


def _write_workbook(export: Export, random: Random) -> Written:
    import openpyxl

    book = openpyxl.Workbook()
    for row in [export.header, *export.rows]:
        book.active.append([_fit_cell(cell) for cell in row])
    packed = io.BytesIO()
    book.save(packed)
    out = _store_uncompressed(packed) if random.random() < 0.5 else packed
    return Written(out.getvalue(), ".xlsx", "workbook", is_exact=False, is_text=False, has_checksum=True)


def _fit_cell(cell: str) -> str:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return str(ILLEGAL_CHARACTERS_RE.sub("", cell))[:30_000].lstrip("=")


def _store_uncompressed(packed: io.BytesIO) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(packed) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as stored:
        for name in archive.namelist():
            stored.writestr(name, archive.read(name))
    return out


_FORMATS: tuple[Callable[[Export, Random], Written], ...] = (
    *(write_delimited, _write_json_lines, _write_json_document, _write_parquet, _write_workbook),
)
