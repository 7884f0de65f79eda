"""Reads the first rows of a file as it would land, without landing it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from patron.errors import PatronError, SourceError
from patron.ingest.files.content_hash import hash_files
from patron.ingest.files.find_files import natural_order
from patron.ingest.files.formats import FormatOpener
from patron.ingest.files.found_file import FoundFile
from patron.ingest.files.reader import list_original_names
from patron.ingest.files.sample_rows import read_rows
from patron.ingest.source import FileSource

_NOT_DATA = {".md", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".zip", ".docx", ".html", ".py", ".yaml", ".yml", ".ipynb"}


@dataclass(frozen=True)
class Sample:
    """The first rows of a file.

    columns: name -> values, as they would land; the name is the header's own, or the lake's where that is blank or
    repeated. is_whole: whether these are all rows. rejected: rows among them that cannot be read.
    """

    display_name: str
    columns: dict[str, pa.ChunkedArray]
    rows: int
    is_whole: bool
    rejected: int


def list_data_files(data: Path) -> list[Path]:
    """List the files of a folder in natural order, or a file itself; hidden files and documents are left out."""
    if data.is_file():
        return [data]
    files = [path for path in data.rglob("*") if path.is_file() and not _is_hidden(path.relative_to(data))]
    listed = [path for path in files if path.suffix.lower() not in _NOT_DATA]
    return sorted(listed, key=lambda path: natural_order(path.relative_to(data).as_posix()))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.parts)


def read_sample(file: Path, root: Path, rows: int | None = None) -> Sample:
    """Read up to `rows` rows of a file, or all. Raises SourceError, also for a kind of file that cannot be read."""
    name = file.relative_to(root).as_posix() if file.is_relative_to(root) else file.as_posix()
    try:
        readable = FormatOpener(FileSource("sample", (name,))).open(hash_files([FoundFile(file, name)])[0])
    except (OSError, ValueError) as error:
        raise SourceError(f"the file cannot be read: {error}", where=name) from error
    table, rejected = read_rows(readable, rows)
    names = _choose_names(readable.columns)
    columns = {own: table.column(i) for i, own in enumerate(names)}
    return Sample(name, columns, table.num_rows, rows is None or table.num_rows < rows, rejected)


def try_sample(file: Path, root: Path, rows: int | None = None) -> Sample | str:
    """Read a sample, or say on one line why that is impossible."""
    try:
        return read_sample(file, root, rows)
    except PatronError as error:
        return " ".join(error.what.split())


def _choose_names(columns: pa.Schema) -> list[str]:
    headers = [name.strip() for name in list_original_names(columns)]
    folded = [name.casefold() for name in headers]
    return [
        header if header and folded.count(header.casefold()) == 1 else legal
        for header, legal in zip(headers, columns.names, strict=True)
    ]
