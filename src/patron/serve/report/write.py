"""Writes a period's report to a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patron.errors import EngineError, NothingBuiltError, SettingsError
from patron.files import refuse_to_overwrite, translate_disk_errors, write_atomically
from patron.project.protected_files import refuse_protected
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
    project: Project,
    period: str | None = None,
    to: Path | None = None,
    *,
    pdf: bool = False,
    overwrite: bool = False,
) -> WrittenReport:
    """Write the report of a period as one HTML file and, on request, as a PDF next to it.

    period: such as 2011-11; by default the last complete month, or the first month of a younger shop.
    to: the file; by default report-<period>.html in the working directory. overwrite: a file that is no report, too.
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
        printed = html.with_suffix(".pdf") if program else None
        _refuse_target(project, html, printed, overwrite=overwrite)
        text = _page(connection, chosen, project)
    with translate_disk_errors(html):
        write_atomically(html, text)
    if program and printed:
        print_pdf(program, html, printed)
    return WrittenReport(chosen, html, printed)


def _refuse_target(project: Project, html: Path, pdf: Path | None, *, overwrite: bool) -> None:
    """Raise SettingsError for a file of the project or of a source, or, unless told, one that is no report.

    Of a PDF it is known by the report beside it.
    """
    is_own = html.is_file() and REPORT_MARK in html.read_bytes()[:_HEAD].decode("utf-8", errors="replace")
    for path in (html, *([pdf] if pdf else [])):
        refuse_protected(project, path, "patron report --to")
        if not overwrite:
            refuse_to_overwrite(path, is_own=is_own, where="patron report --to")


REPORT_MARK = '<meta name="generator" content="patron report">'
_HEAD = 2_000


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
