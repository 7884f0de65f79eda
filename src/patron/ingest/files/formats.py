"""Choose the reader of a file by its settings, else by its content and name."""

from __future__ import annotations

from pathlib import PurePath

from patron.ingest.files.content_hash import Fingerprint
from patron.ingest.files.csv_file import CsvOpener
from patron.ingest.files.json_file import JsonFile
from patron.ingest.files.parquet_file import ParquetFile
from patron.ingest.files.reader import ReadableFile
from patron.ingest.files.text_stream import COMPRESSED_SUFFIXES
from patron.ingest.source import FileSource

_JSON = {".jsonl", ".ndjson", ".json"}
_WORKBOOKS = {".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".ods"}
_PARQUET_MAGIC = b"PAR1"
_ZIP_MAGIC = b"PK\x03\x04"
_OLD_OFFICE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Of workbooks before 2007, and of those with a password."""


class FormatOpener:
    """Opens the files of one source."""

    def __init__(self, source: FileSource) -> None:
        self._source, self._csv = source, CsvOpener(source)

    def open(self, fingerprint: Fingerprint) -> ReadableFile:
        """Read enough of the file to know its columns. Raises SourceError, SettingsError."""
        suffix = _suffix(fingerprint.file.display_name)
        format_ = self._source.format if self._source.format != "auto" else _format(fingerprint, suffix)
        if format_ == "parquet":
            return ParquetFile(fingerprint)
        if format_ in ("json", "jsonl"):
            return JsonFile(fingerprint, self._source)
        if format_ == "xlsx":
            from patron.ingest.files.workbook_file import WorkbookFile

            return WorkbookFile(fingerprint, self._source)
        return self._csv.open(fingerprint, suffix)


def _suffix(name: str) -> str:
    """Return the suffix of the name, ignoring that of compression."""
    path = PurePath(name)
    if path.suffix.lower() in COMPRESSED_SUFFIXES:
        path = path.with_suffix("")
    return path.suffix.lower()


def _format(fingerprint: Fingerprint, suffix: str) -> str:
    with fingerprint.file.path.open("rb") as file:
        magic = file.read(8)
    if magic.startswith(_PARQUET_MAGIC) or suffix == ".parquet":
        return "parquet"
    if suffix in _WORKBOOKS or magic == _OLD_OFFICE_MAGIC or (suffix == ".xls" and magic.startswith(_ZIP_MAGIC)):
        return "xlsx"
    return "json" if suffix in _JSON else "csv"
