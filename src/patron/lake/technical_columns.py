"""The columns that every bronze row has beside its own, and what a table remembers of a header."""

from __future__ import annotations

TECHNICAL_COLUMNS = ("_source_file", "_row_key", "_ingested_at", "_batch_id")
DELETED = "_is_deleted"
"""A column of changelogs alone: true where the row says that an earlier one of its key is gone."""

ROWS_PER_BATCH = 2**36
"""`_row_key` is `_batch_id * ROWS_PER_BATCH` plus the row's place in its landing: unique, and it grows."""

HEADER_KEY = "patron.header"
"""Under this key a column's field metadata holds its name as the source writes it."""
