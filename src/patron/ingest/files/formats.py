"""Choose the reader of a file by its settings, else by its content and name."""

from __future__ import annotations

from pathlib import PurePath

from patron.ingest.files.content_hash import Fingerprint
from patron.ingest.files.csv_file import CsvOpener
from patron.ingest.files.jsonl_file import JsonLinesFile
from patron.ingest.files.parquet_file import ParquetFile
from patron.ingest.files.reader import ReadableFile
from patron.ingest.source import FileSource

_COMPRESSIONS = {".gz", ".bz2", ".xz", ".zst"}
_JSON = {".jsonl", ".ndjson", ".json"}
_PARQUET_MAGIC = b"PAR1"


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
        if format_ == "jsonl":
            return JsonLinesFile(fingerprint, self._source.encoding)
        return self._csv.open(fingerprint, suffix)


def _suffix(name: str) -> str:
    """Return the suffix of the name, ignoring that of compression."""
    path = PurePath(name)
    if path.suffix.lower() in _COMPRESSIONS:
        path = path.with_suffix("")
    return path.suffix.lower()


def _format(fingerprint: Fingerprint, suffix: str) -> str:
    with fingerprint.file.path.open("rb") as file:
        if file.read(4) == _PARQUET_MAGIC or suffix == ".parquet":
            return "parquet"
    return "jsonl" if suffix in _JSON else "csv"
