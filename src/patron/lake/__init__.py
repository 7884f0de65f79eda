"""Bronze: what arrived, as it came, in one Delta table a source, each thing exactly once.

    .patron/lake/<source>/             rows as they came, plus TECHNICAL_COLUMNS
    .patron/lake/_rejected/<source>/   rows that could not be read, with file, line, reason and raw text
    .patron/lake/_staging/             being written; holds nothing between two runs

A landing is two steps. `stage` writes Parquet files that no reader can see; `commit` makes them part of the
table together with how far the source was read (Delta app transactions) and what was landed. A crash before
the commit leaves nothing; a crash after it leaves everything; so running again adds exactly what is missing.
"""

from patron.lake.bronze_table import BronzeTable
from patron.lake.errors import explain_recovery
from patron.lake.lake import Lake
from patron.lake.landings import LandedFile, list_landed_files
from patron.lake.offsets import LandedPosition, Position
from patron.lake.schema_evolution import find_common_type, widen
from patron.lake.staging import Staged
from patron.lake.technical_columns import DELETED, HEADER_KEY, ROWS_PER_BATCH, TECHNICAL_COLUMNS

__all__ = [
    "DELETED",
    "HEADER_KEY",
    "ROWS_PER_BATCH",
    "TECHNICAL_COLUMNS",
    "BronzeTable",
    "Lake",
    "LandedFile",
    "LandedPosition",
    "Position",
    "Staged",
    "explain_recovery",
    "find_common_type",
    "list_landed_files",
    "widen",
]
