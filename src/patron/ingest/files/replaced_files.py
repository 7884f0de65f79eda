"""Files that hold again, under the same name, much of what landed before: a full export, made anew.

No key tells their rows from the earlier ones, so each that is in both would count twice. Of the rows that landed under
the name, the first thousand different ones are looked for in the new file; where more than half are there again,
nothing lands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from patron.errors import SourceError
from patron.ingest.files.composed_text import compose
from patron.ingest.files.sample_rows import CountedRejects
from patron.lake import BronzeTable, LandedFile
from patron.lake.folded_names import fold_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patron.ingest.files.reader import ReadableFile

_SOUGHT_ROWS = 1000
_SEPARATOR = "\x1f"


def refuse_replaced(table: BronzeTable, landed: list[LandedFile], files: Iterable[ReadableFile]) -> None:
    """Raise SourceError for a file that holds again more than half of what landed under its name."""
    names = {each.origin for each in landed if each.landing.rows}
    for file in files:
        name = file.fingerprint.file.display_name
        if name in names and not file.fingerprint.start:
            _refuse_repeated(table, file, name)


def _refuse_repeated(table: BronzeTable, file: ReadableFile, name: str) -> None:
    own = {fold_name(column) for column in table.schema().names}
    columns = [column for column in file.columns.names if fold_name(column) in own]
    sought = _read_landed(table, name, columns)
    left = set(sought)
    if not columns or not sought:
        return
    with CountedRejects() as rejects:
        for batch in file.batches(rejects):  # type: ignore[arg-type]
            left -= left.intersection(_write_rows(pa.Table.from_batches([compose(batch)]).select(columns)))
    if len(left) * 2 < len(sought):
        raise SourceError(
            f"a file of this name landed before, and {len(sought) - len(left):,} of {len(sought):,} different rows of "
            "it are in this one again: they would count twice. Nothing landed.",
            where=name,
            do="map a `key:` of the rows, so that the newest row of a key counts; or deliver new rows alone, in files "
            "of their own",
        )


def _read_landed(table: BronzeTable, name: str, columns: list[str]) -> set[str]:
    import pyarrow.dataset as ds

    spelt = {fold_name(column): column for column in table.schema().names}
    files = ds.dataset([str(path) for path in table.files()], schema=table.schema())
    of_file = ds.field("_source_file") == name
    sought = set[str]()
    for batch in files.to_batches(columns=[spelt[fold_name(column)] for column in columns], filter=of_file):
        for row in _write_rows(pa.Table.from_batches([batch])):
            sought.add(row)
            if len(sought) == _SOUGHT_ROWS:
                return sought
    return sought


def _write_rows(rows: pa.Table) -> list[str]:
    texts = [pc.cast(column, pa.string()) for column in rows.columns]
    joined = pc.binary_join_element_wise(*texts, _SEPARATOR, null_handling="replace", null_replacement="\x00")
    return joined.to_pylist()  # type: ignore[no-any-return]
