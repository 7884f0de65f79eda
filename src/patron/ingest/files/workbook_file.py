"""Excel workbooks: the rows of one or more sheets, every value as text.

A number is written as the shortest text that gives the same number, without a fraction if it is whole; a date with
its time in ISO; an error such as #N/A as it stands in the cell. Text stays as it is, and blank rows are no rows.
"""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import repeat
from typing import Any, BinaryIO

import pyarrow as pa

from patron.errors import SettingsError, SourceError, did_you_mean
from patron.ingest.column_names import make_column_names
from patron.ingest.files.content_hash import Fingerprint
from patron.ingest.files.reader import make_fields
from patron.ingest.files.rejected_rows import Rejects
from patron.ingest.files.workbook_marks import find_marks
from patron.ingest.source import FileSource

_BATCH_ROWS = 2**14
_PASSWORD_MARK = "EncryptedPackage".encode("utf-16-le")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_SAVE_AS = "open it in a spreadsheet program and save it as an Excel workbook (.xlsx), or as CSV"


@dataclass(frozen=True)
class _Sheet:
    """name: as in the workbook. header_row: counted from 1. header: its names, up to the last that is not blank."""

    name: str
    header_row: int
    header: tuple[str, ...]


class WorkbookFile:
    """An Excel workbook whose sheets and columns are known."""

    def __init__(self, fingerprint: Fingerprint, source: FileSource) -> None:
        """Read the headers. Raises SourceError if it is no workbook, or does not have the sheets; SettingsError."""
        self.fingerprint, self._source = fingerprint, source
        self._refuse_other_kinds()
        with _OpenWorkbook(fingerprint) as workbook:
            self._sheets = [self._read_header(workbook, name) for name in self._choose_sheets(workbook)]
            self.remarks = tuple(remark for sheet in self._sheets for remark in self._check_cells(workbook, sheet))
        header: dict[str, str] = {}
        for sheet in self._sheets:
            for name, text in zip(make_column_names(sheet.header), sheet.header, strict=True):
                header.setdefault(name.casefold(), text)
        self.columns = make_fields(list(header.values()), repeat(pa.string(), len(header)))

    def batches(self, rejects: Rejects) -> Iterator[pa.RecordBatch]:
        """Yield the rows of each sheet as text; a row with a value in a column without a name is rejected."""
        with _OpenWorkbook(self.fingerprint) as workbook:
            for sheet in self._sheets:
                yield from self._read_sheet(workbook, sheet, rejects)

    def _read_sheet(self, workbook: Any, sheet: _Sheet, rejects: Rejects) -> Iterator[pa.RecordBatch]:
        places = {name.casefold(): place for place, name in enumerate(make_column_names(sheet.header))}
        order = [places.get(name.casefold()) for name in self.columns.names]
        width, held = len(sheet.header), list[list[str | None]]()
        for number, values in _iterate_rows(workbook[sheet.name], sheet.header_row):
            texts = [_write(value) for value in values]
            if any(text is not None for text in texts[width:]):
                reason = f"{sheet.name}: a value in a column that has no name in row {sheet.header_row}"
                raw = "\t".join(text or "" for text in texts).encode()
                rejects.add(self.fingerprint.file.display_name, number, reason, raw)
            elif any(text is not None for text in texts):
                held.append(texts[:width] + [None] * (width - len(texts)))
            if len(held) == _BATCH_ROWS:
                yield self._make_batch(held, order)
                held = []
        if held:
            yield self._make_batch(held, order)

    def _make_batch(self, rows: list[list[str | None]], order: list[int | None]) -> pa.RecordBatch:
        columns = list(zip(*rows, strict=True))
        arrays = [
            pa.nulls(len(rows), pa.string()) if place is None else pa.array(columns[place], pa.string())
            for place in order
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=self.columns)

    def _choose_sheets(self, workbook: Any) -> list[str]:
        """Choose the sheets that the source names, else the only visible one that is not empty."""
        known = [sheet.title for sheet in workbook.worksheets]
        listed = ", ".join(known)
        for name in self._source.sheets:
            if name not in known:
                do = did_you_mean(name, known, f"the workbook has: {listed}")
                raise self._explain(f"the workbook has no sheet {name!r}", do)
        if self._source.sheets:
            return list(self._source.sheets)
        visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        filled = [sheet.title for sheet in visible if next(_iterate_rows(sheet, 0), None) is not None]
        if len(filled) > 1:
            do = f"name those to read in the source: `sheets: [{', '.join(filled)}]`, or some of them"
            raise self._explain(f"the workbook has several sheets: {listed}", do)
        return filled

    def _read_header(self, workbook: Any, name: str) -> _Sheet:
        wanted = self._source.header_row
        for number, values in _iterate_rows(workbook[name], (wanted or 1) - 1):
            if wanted not in (None, number):
                break
            texts = [(_write(value) or "").strip() for value in values]
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                return _Sheet(name, number, tuple(texts))
        if wanted is None:
            return _Sheet(name, 1, ())
        raise self._explain(f"row {wanted} of the sheet {name!r} is blank", "set the source's `header_row` to another")

    def _check_cells(self, workbook: Any, sheet: _Sheet) -> Iterator[str]:
        """Refuse formulas that were never computed, and say which cells are merged."""
        marks = find_marks(workbook, sheet.name, sheet.header_row)
        if marks.uncomputed:
            what = f"the cell {marks.uncomputed} of the sheet {sheet.name!r} holds a formula that was never computed"
            raise self._explain(what, "open the workbook in a spreadsheet program, which computes it, and save it")
        if marks.merged:
            yield (
                f"the sheet {sheet.name!r} merges cells of several rows, such as {marks.merged}: only the first row "
                "has the value; `fill_down` in the mapping carries values on"
            )

    def _refuse_other_kinds(self) -> None:
        """Refuse what is no workbook of today. Raises SourceError."""
        path, name = self.fingerprint.file.path, self.fingerprint.file.display_name.lower()
        with path.open("rb") as file:
            is_old = file.read(4) == _OLD_OFFICE
            has_password = is_old and _PASSWORD_MARK in file.read()
        if has_password:
            raise self._explain("the workbook is protected with a password", "remove the password and save it")
        if is_old:
            raise self._explain("the file is a workbook of Excel before 2007 (.xls)", _SAVE_AS)
        for ending, kind in ((".xlsb", "a binary workbook (.xlsb)"), (".ods", "an OpenDocument workbook (.ods)")):
            if name.endswith(ending):
                raise self._explain(f"the file is {kind}", _SAVE_AS)

    def _explain(self, what: str, do: str) -> SourceError:
        return SourceError(what, where=self.fingerprint.file.display_name, do=do)


class _OpenWorkbook:
    """A workbook opened for reading row by row. Raises SourceError where the file is damaged."""

    def __init__(self, fingerprint: Fingerprint) -> None:
        self._fingerprint = fingerprint

    def __enter__(self) -> Any:
        openpyxl = import_reader()
        self._file = self._fingerprint.file.path.open("rb")
        self._warnings = warnings.catch_warnings()
        self._warnings.__enter__()
        warnings.simplefilter("ignore")  # about styles and other things that have no value
        try:
            _check_sums(self._file)
            return openpyxl.load_workbook(self._file, read_only=True, data_only=True, keep_links=False)
        except Exception as error:
            self.__exit__(type(error), error, None)
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._warnings.__exit__(None, None, None)
        self._file.close()
        # openpyxl lets through whatever its parts raise: of zip, of XML, KeyError, TypeError, ...
        if isinstance(error, Exception) and not isinstance(error, SourceError):
            raise SourceError(
                f"the workbook cannot be read: {str(error).splitlines()[0] if str(error) else type(error).__name__}",
                where=self._fingerprint.file.display_name,
                do="it may be truncated: deliver it again; or open it in a spreadsheet program and save it anew",
            ) from error


def _check_sums(file: BinaryIO) -> None:
    """Compare every part with its checksum: the reader stops where a damaged sheet seems to end. Raises BadZipFile."""
    with zipfile.ZipFile(file) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise zipfile.BadZipFile(f"its part {damaged} is damaged")
    file.seek(0)


def import_reader(where: str = "") -> Any:
    """Import the library that reads workbooks. Raises SettingsError naming the extra that installs it."""
    try:
        import openpyxl
    except ImportError:
        what = "The extra xlsx is not installed, which reads Excel workbooks."
        raise SettingsError(what, where=where, do="install it: pip install 'patron[xlsx]'") from None
    return openpyxl


def _iterate_rows(sheet: Any, after: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the rows behind one that are not blank, each with its number."""
    sheet.reset_dimensions()  # which some programs write wrongly, and rows beyond would be lost
    for number, values in enumerate(sheet.iter_rows(min_row=after + 1, values_only=True), start=after + 1):
        if any(value is not None for value in values):
            yield number, values


def _write(value: Any) -> str | None:
    write = _WRITERS.get(type(value))
    return write(value) if write is not None else str(value)


def _write_float(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return format(Decimal(repr(value)), "f") if abs(value) < 1e300 else repr(value)


def _write_time(value: dt.datetime) -> str:
    return value.isoformat(sep=" ", timespec="microseconds" if value.microsecond else "seconds")


def _write_duration(value: dt.timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


_WRITERS: dict[type, Any] = {
    type(None): lambda _: None,
    str: lambda value: value if value.strip() else None,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: _write_float,
    dt.datetime: _write_time,
    dt.date: lambda value: value.isoformat(),
    dt.time: lambda value: value.isoformat(),
    dt.timedelta: _write_duration,
}
