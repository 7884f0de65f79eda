"""What the values of a sheet do not say: which formulas were never computed, and which cells are merged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_CHUNK_BYTES = 4 * 2**20
_LONGEST_CELL_BYTES = 2**17
_UNCOMPUTED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^>]*/>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*>")
_REFERENCE = re.compile(rb'\br="([A-Z]+)(\d+)"')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]+(\d+):[A-Z]+(\d+))"')


@dataclass
class Marks:
    """uncomputed: the first cell with a formula and no value. merged: the first cells merged over several rows."""

    uncomputed: str = ""
    merged: str = ""


def find_marks(workbook: Any, sheet: str, header_row: int) -> Marks:
    """Find them below a row, in the XML of the sheet: a reader of values cannot tell such cells from blank ones."""
    found, rest = Marks(), b""
    with workbook[sheet]._get_source() as xml:
        while chunk := xml.read(_CHUNK_BYTES):
            text = rest + chunk
            found.uncomputed = found.uncomputed or _find_uncomputed(text, header_row)
            found.merged = found.merged or _find_merged(text, header_row)
            rest = text[-_LONGEST_CELL_BYTES:]
    return found


def _find_uncomputed(text: bytes, header_row: int) -> str:
    for formula in _UNCOMPUTED.finditer(text):
        cells = list(_CELL.finditer(text, max(0, formula.start() - _LONGEST_CELL_BYTES), formula.start()))
        reference = _REFERENCE.search(cells[-1][0]) if cells else None
        is_text = bool(cells) and b't="str"' in cells[-1][0]  # computed, and empty
        if reference and not is_text and int(reference[2]) > header_row:
            return (reference[1] + reference[2]).decode()
    return ""


def _find_merged(text: bytes, header_row: int) -> str:
    for area, first, last in _MERGED.findall(text):
        if int(first) > header_row and int(last) > int(first):
            return str(area.decode())
    return ""
