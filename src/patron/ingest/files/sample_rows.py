"""Reads some rows of a source's files without landing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from patron.ingest.files.content_hash import hash_files
from patron.ingest.files.formats import FormatOpener
from patron.ingest.files.found_file import FoundFile
from patron.ingest.source import FileSource

if TYPE_CHECKING:
    from patron.ingest.files.reader import ReadableFile

_MOST_FILES = 10


class CountedRejects:
    """Counts unreadable rows and forgets them: a sample is not a landing."""

    def __init__(self) -> None:
        self.rows = 0

    def __enter__(self) -> CountedRejects:
        return self

    def __exit__(self, *_: object) -> None: ...

    def add(self, *_: object, **__: object) -> None:
        """Count one."""
        self.rows += 1


def read_rows(readable: ReadableFile, rows: int | None) -> tuple[pa.Table, int]:
    """Read up to `rows` rows of a file, or all; return them with the number of rows that cannot be read."""
    taken, count = list[pa.RecordBatch](), 0
    with CountedRejects() as rejects:
        for batch in readable.batches(rejects):  # type: ignore[arg-type]
            taken.append(batch if rows is None else batch.slice(0, rows - count))
            count += taken[-1].num_rows
            if rows is not None and count >= rows:
                break
    plain = readable.columns.remove_metadata()
    table = pa.Table.from_batches(taken) if taken else plain.empty_table()
    return table.replace_schema_metadata(None), rejects.rows


def sample_files(source: FileSource, files: list[FoundFile], rows: int) -> pa.Table | None:
    """Read rows of up to ten files, the first and the last among them; None where there is no file."""
    step = max(1, -(-len(files) // _MOST_FILES))
    chosen = dict.fromkeys([*files[::step], *files[-1:]])
    if not chosen:
        return None
    opener, each = FormatOpener(source), max(1, rows // len(chosen))
    tables = [read_rows(opener.open(file), each)[0] for file in hash_files(list(chosen))]
    try:
        return pa.concat_tables(tables, promote_options="default")
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # columns of the same name and other types: the lake widens them
        return pa.concat_tables([_to_text(table) for table in tables], promote_options="default")


def _to_text(table: pa.Table) -> pa.Table:
    return pa.table({name: table.column(name).cast(pa.string()) for name in table.column_names})
