"""A Delta table as a source: the connector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import SourceError
from patron.ingest.delta.source import DeltaSource

if TYPE_CHECKING:
    from patron.ingest.delta.settings import DeltaSettings
    from patron.ingest.source import Landing, OnProgress, SourceContext
    from patron.lake import Lake


class DeltaConnector:
    """Lands the rows of a table that are new, changed or gone. See ingest/connector.py."""

    def __init__(self, settings: DeltaSettings, context: SourceContext) -> None:
        assert settings.delta is not None
        self.where = context.where
        written = settings.delta.table.strip()
        self.source = DeltaSource(
            name=context.name,
            written=written,
            address=written if "://" in written else str(context.root / context.data / written),
            key=settings.delta.key,
            required_columns=context.required_columns,
            optional_columns=context.optional_columns,
            **({"memory_limit": context.memory_limit} if context.memory_limit else {}),
        )

    def check(self) -> None:
        """Nothing has to be set up: the lake itself is made of Delta tables."""

    def describe(self) -> str:
        """Say what the table holds now, and how its changes are read."""
        from patron.ingest.delta.table import open_table

        table = open_table(self.source)
        key = f"key {', '.join(table.key)}" if table.key else "no key: rows may only be added"
        how = "by its change data feed" if table.has_feed else "by comparing every row, as it has no change data feed"
        return (
            f"{table.display_name}: version {table.version}, {len(table.header)} columns, {key}; changes are read {how}"
        )

    def land(self, lake: Lake, *, full_compare: bool = False, on_progress: OnProgress | None = None) -> Landing:
        """Land what changed since the version that landed last. full_compare: compare every row instead."""
        from patron.ingest.delta.land import land_table

        return land_table(lake, self.source, full_compare=full_compare, on_progress=on_progress)

    def reread(self, lake: Lake) -> None:
        """A table rejects no rows: all its values can be read."""

    def sample(self, rows: int) -> None:
        """Return nothing: a table is read when it lands."""

    def explain_no_rows(self) -> SourceError:
        """The table has not landed yet."""
        what = f"The table {self.source.written} of the source {self.source.name} has not landed yet."
        return SourceError(what, where=self.where, do="run `patron run`")
