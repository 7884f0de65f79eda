"""How a file of JSON is laid out: a record a line, or documents; and where in these the records are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from patron.errors import SourceError
from patron.ingest.column_names import find_missing_columns, split_nested
from patron.ingest.files.json_records import Outline, outline
from patron.ingest.files.text_stream import HEAD_BYTES
from patron.ingest.source import FileSource

_JUDGED_LINES = 50
WHOLE = "."
"""What `records` says where each document is itself a record."""


@dataclass(frozen=True)
class Layout:
    """is_lines: whether each line is a record. path: the keys that lead to the records of a document."""

    is_lines: bool
    path: tuple[str, ...] = ()


def find_layout(blocks: Callable[[], Iterator[bytes]], source: FileSource, display_name: str) -> Layout:
    """Find the layout by the source's settings, else by the content.

    blocks: opens the file's text. Where a document holds lists, the columns that mappings need decide whether it is a
    record or holds the records. Raises SourceError where that is not evident.
    """
    head = _read_head(blocks())
    if source.records is not None:
        path = () if source.records == WHOLE else split_nested(source.records)
        return Layout(is_lines=not path and _is_lines(head), path=path)
    start = head.lstrip()[:1]
    is_lines = start != b"[" and (source.format == "jsonl" or _is_lines(head))
    if start != b"{":
        return Layout(is_lines)
    path = _choose_records(outline(blocks()), source, display_name)
    return Layout(is_lines and not path, path)


def _read_head(blocks: Iterator[bytes]) -> bytes:
    head = b""
    for block in blocks:
        head += block
        if len(head) >= HEAD_BYTES:
            break
    return head


def _is_lines(head: bytes) -> bool:
    """Tell whether lines are records: the first is one and has another behind it, or most are."""
    if not head.lstrip().startswith((b"{", b"[")):
        return True
    lines = [line for line in head.split(b"\n")[: 4 * _JUDGED_LINES] if line.strip()][:_JUDGED_LINES]
    if len(lines) == 1:
        return len(head.split(b"\n")) > 1 or _is_object(lines[0])
    return _is_object(lines[0]) or 2 * sum(map(_is_object, lines)) >= len(lines)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _choose_records(found: Outline, source: FileSource, display_name: str) -> tuple[str, ...]:
    """Choose the list that holds the records; none where each document is a record itself.

    Raises SourceError where the document has several lists, or could be both.
    """
    needed, listed = source.required_columns, ", ".join(found.lists)
    lacking = len(find_missing_columns(needed, found.keys))
    fitting = [name for name, keys in found.lists.items() if not find_missing_columns(needed, keys)]
    is_record = bool(needed) and not lacking
    if not found.lists and found.empty and needed and lacking == len(needed):
        return (found.empty[0],)  # a page without records
    if not found.lists or (is_record and not fitting) or (not lacking and not found.is_alone):
        return ()
    if is_record:
        raise SourceError(
            f"the document could be one record, and so could each element of {listed}",
            where=display_name,
            do=f'say which in the source: `records: {fitting[0]}`, or `records: "{WHOLE}"` for the document itself',
        )
    if len(found.lists) > 1:
        raise SourceError(
            f"the document holds several lists of objects: {listed}",
            where=display_name,
            do=f"name the one with the source's records, such as `records: {(fitting or list(found.lists))[0]}`, "
            f'or write `records: "{WHOLE}"` if the document itself is one',
        )
    name, keys = next(iter(found.lists.items()))
    return (name,) if len(find_missing_columns(needed, keys)) <= lacking else ()
