"""Files as a source: the connector."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import SourceError
from patron.ingest.source import FileSource
from patron.storage.address import Address, is_address, parse_address

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.ingest.files.settings import FilesSettings
    from patron.ingest.source import Landing, OnProgress, Reread, SourceContext
    from patron.lake import Lake


class FilesConnector:
    """Lands the files that match a source's patterns. See ingest/connector.py."""

    def __init__(self, settings: FilesSettings, context: SourceContext) -> None:
        self.where = context.where
        self.folder = find_root(context.root, settings.data or context.data)
        self.source = FileSource(
            name=context.name,
            patterns=settings.files,
            format=settings.format,
            delimiter=settings.csv.delimiter,
            quote=settings.csv.quote,
            encoding=settings.csv.encoding,
            columns=settings.csv.columns,
            records=settings.records,
            sheets=settings.sheets,
            header_row=settings.header_row,
            required_columns=context.required_columns,
            optional_columns=context.optional_columns,
            newest_counts=context.newest_counts,
        )

    def check(self) -> None:
        """See that workbooks and buckets can be read, if the source has any. Raises SettingsError."""
        if isinstance(self.folder, Address) or any(map(is_address, self.source.patterns)):
            from patron.storage.bucket import import_client

            import_client(self.where)
        endings = (".xlsx", ".xlsm")
        if self.source.format == "xlsx" or any(name.lower().endswith(endings) for name in self.source.patterns):
            from patron.ingest.files.workbook_file import import_reader

            import_reader(self.where)

    def describe(self) -> str:
        """Describe how many files match and their size. Raises SourceError if none does, SettingsError as `check`."""
        from patron.ingest.files.find_files import match_files

        self.check()
        files = match_files(self.source.patterns, self.folder)
        if not files:
            patterns = ", ".join(self.source.patterns)
            raise SourceError(f"no file matches {patterns}", where=str(self.folder), do=self._fix)
        size = sum(file.read_signs()[0] for file in files) / 1e6
        return f"{len(files):,} files, {size:,.1f} MB"

    def land(
        self,
        lake: Lake,
        *,
        full_compare: bool = False,  # noqa: ARG002  a file lands once, so there is nothing to compare
        on_progress: OnProgress | None = None,
    ) -> Landing:
        """Land the files that have not landed yet."""
        from patron.ingest.files.land import land_files

        return land_files(lake, self.source, root=self.folder, on_progress=on_progress)

    def reread(self, lake: Lake) -> Reread:
        """Read rejected rows again from the files that they came in."""
        from patron.ingest.files.reread import reread_rejected

        return reread_rejected(lake, self.source, root=self.folder)

    def sample(self, rows: int) -> pa.Table | None:
        """Read rows from the first files, and from the last, without landing them."""
        from patron.ingest.files.find_files import match_files
        from patron.ingest.files.sample_rows import sample_files

        return sample_files(self.source, match_files(self.source.patterns, self.folder), rows)

    def explain_no_rows(self) -> SourceError:
        """Return an error that says whether the folder is missing or has no rows."""
        what = f"No file of the source {self.source.name} has any rows."
        if isinstance(self.folder, Path) and not self.folder.is_dir():
            what = f"There is no folder {self.folder}."
        return SourceError(what, where=f"{self.folder} / {', '.join(self.source.patterns)}", do=self._fix)

    @property
    def _fix(self) -> str:
        return f"put files there, or change sources.{self.source.name}.files in patron.yaml"


def find_root(root: Path, data: str) -> Path | Address:
    """Return the folder that patterns start from, or its address in object storage. root: the project's folder."""
    return parse_address(data) if is_address(data) else (root / data).resolve()
