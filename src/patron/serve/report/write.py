"""Writes a period's report to a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import EngineError, NothingBuiltError, SettingsError
from patron.files import translate_disk_errors, write_atomically
from patron.serve.periods import Period, find_last_complete
from patron.serve.report.pdf import find_browser, print_pdf
from patron.serve.report.queries.spans import DataDays

if TYPE_CHECKING:
    import duckdb

    from patron.project.project import Project


@dataclass(frozen=True)
class WrittenReport:
    """The files of a report, and its period."""

    period: Period
    html: Path
    pdf: Path | None

    def as_dict(self) -> dict[str, str | None]:
        """Return the result as `--json` prints it."""
        return {
            "period": str(self.period),
            "html": str(self.html.resolve()),
            "pdf": str(self.pdf.resolve()) if self.pdf else None,
        }


def write_report(
    project: Project, period: str | None = None, to: Path | None = None, *, pdf: bool = False
) -> WrittenReport:
    """Write the report of a period as one HTML file and, on request, as a PDF next to it.

    period: such as 2011-11; by default the last complete month, or the first month of a younger shop.
    to: the file; by default report-<period>.html in the working directory.
    Raises SettingsError for a period that is invalid or has no data, or for a file that is not HTML; NoBrowserError if
    a PDF is requested and no browser can print it (nothing is written then); NothingBuiltError before the first run;
    EngineError if a file cannot be written.
    """
    from patron.publish.reader import open_published

    requested = None if period is None else Period.parse(period)
    program = find_browser() if pdf else None
    with open_published(project.published) as connection:
        chosen = requested or choose_default_period(DataDays.of(connection))
        html = to or Path(f"report-{chosen}.html")
        _refuse_other_than_html(html)
        text = _page(connection, chosen, project)
    with translate_disk_errors(html):
        write_atomically(html, text)
    printed = html.with_suffix(".pdf") if program else None
    if program and printed:
        print_pdf(program, html, printed)
    return WrittenReport(chosen, html, printed)


def choose_default_period(data: DataDays) -> Period:
    """Return the last month that is complete by as_of and has data, otherwise the last month with data."""
    month = find_last_complete("month", data.last)
    newest = Period.of("month", data.last)
    return min(month, newest, key=lambda one: one.first) if month.last >= data.first else newest


def _page(connection: duckdb.DuckDBPyConnection, chosen: Period, project: Project) -> str:
    import duckdb

    from patron.serve.report.page import build_report, render_page

    where = str(project.published)
    try:
        return render_page(build_report(connection, chosen, project.settings.shop)).html
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        what = f"The published tables are older than the report: {str(error).splitlines()[0]}"
        raise NothingBuiltError(what, where=where, do="run `patron run`") from error
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        do = "try again: a run may have published new tables in the meantime; if memory ran out, close other programs"
        raise EngineError(f"The report was stopped: {str(error).splitlines()[0]}", where=where, do=do) from error


def _refuse_other_than_html(path: Path) -> None:
    if path.suffix.lower() not in (".html", ".htm"):
        do = "name a file that ends in .html; --pdf writes a PDF next to it"
        raise SettingsError(f"{path.name} is not an HTML file.", where="--to", do=do)
    if not path.absolute().parent.is_dir():
        raise SettingsError(f"There is no folder {path.absolute().parent}.", where="--to", do="create it first")
