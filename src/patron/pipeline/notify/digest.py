"""What is told of a run or a check: counts, key figures of the shop, findings; no value of anybody's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from patron.errors import PatronError, pluralize

if TYPE_CHECKING:
    from patron.pipeline.check.finding import CheckReport, Finding
    from patron.pipeline.run_report import RunReport
    from patron.project.project import Project

Status = Literal["ok", "warn", "failed"]

_TOLD = ("rows", "ledger", "totals", "freshness", "volume", "drift", "published")
"""Sections whose details are counts, days and names of columns. Of others, which may quote values, the name is told."""
_FIGURES = (
    ("customer_count", "Customers"),
    ("order_count", "Orders"),
    ("net_amount", "Net revenue"),
    ("average_order_value", "Average order value"),
)


@dataclass(frozen=True)
class Digest:
    """A message. lines: sentences, figures among them.

    what: run, check or stream. is_new: whether a run brought something.
    """

    shop: str
    what: str
    status: Status
    title: str
    lines: list[str] = field(default_factory=list)
    is_new: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the message as a webhook gets it."""
        return asdict(self)

    def as_text(self) -> str:
        """Return the message as plain text."""
        return "\n".join([self.title, "", *self.lines]) + "\n"

    def is_wanted(self, when: Literal["always", "changes", "problems"]) -> bool:
        """Whether the setting `notify.when` asks for it."""
        return when == "always" or self.what == "test" or self.status != "ok" or (when == "changes" and self.is_new)


def digest_run(project: Project, report: RunReport) -> Digest:
    """Tell what a run brought."""
    landed = [
        f"{source}: {pluralize(landing.rows, 'new row')}" for source, landing in report.landed.items() if landing.rows
    ]
    bad = sum(landing.rejected_rows for landing in report.landed.values())
    warnings = [f"{pluralize(len(report.warnings), 'warning')}; `patron check` lists them"] if report.warnings else []
    unreadable = [f"{pluralize(bad, 'row')} that cannot be read"] if bad else []
    lines = [*(landed or ["Nothing new landed."]), *unreadable, *_list_figures(project, report), *warnings]
    shop = project.settings.shop.name
    done = "brought gold up to date" if report.is_new else "found nothing new"
    return Digest(
        shop, "run", "warn" if warnings or unreadable else "ok", f"{shop}: a run {done}", lines, report.is_new
    )


def digest_check(project: Project, report: CheckReport) -> Digest:
    """Tell what a check found."""
    shop, odd = project.settings.shop.name, [one for one in report.findings if one.status != "pass"]
    lines = [_describe_finding(one) for one in sorted(odd, key=lambda one: one.status)]
    if report.failed:
        return Digest(shop, "check", "failed", f"{shop}: {pluralize(len(report.failed), 'check')} failed", lines)
    if odd:
        return Digest(shop, "check", "warn", f"{shop}: {pluralize(len(odd), 'finding')}", lines)
    return Digest(shop, "check", "ok", f"{shop}: all {len(report.findings)} checks passed")


def digest_failure(project: Project, what: str, error: PatronError) -> Digest:
    """Tell that a run or a check stopped: the kind of its error, not what the error quotes."""
    shop = project.settings.shop.name
    return Digest(shop, what, "failed", f"{shop}: a {what} failed", [error.summary, "The terminal or log has details."])


def digest_stream(project: Project, *, is_failing: bool) -> Digest:
    """Tell that a stream no longer brings gold up to date, or that it does so again; it lands all the while."""
    shop = project.settings.shop.name
    if is_failing:
        lines = ["Messages still land. The terminal or log has the reason, and `patron check` the details."]
        return Digest(shop, "stream", "failed", f"{shop}: a stream no longer brings gold up to date", lines)
    return Digest(shop, "stream", "ok", f"{shop}: a stream brings gold up to date again", is_new=True)


def digest_test(project: Project) -> Digest:
    """Say that messages arrive."""
    shop = project.settings.shop.name
    return Digest(shop, "test", "ok", f"{shop}: patron's messages arrive here", ["This is a test."], is_new=True)


def _describe_finding(finding: Finding) -> str:
    said = finding.detail if finding.section in _TOLD else "`patron check` has the details"
    return f"{finding.status}: {finding.section}: {finding.name}: {said}"


def _list_figures(project: Project, report: RunReport) -> Sequence[str]:
    """The shop's key figures as of the new snapshot."""
    if not (report.is_new and report.snapshot is not None):
        return []
    from patron.publish.reader import open_published

    with open_published(project.published) as connection:
        found = connection.execute("select * from gold.kpi_overall order by kpi_date desc limit 1").fetchone()
        names = [column[0] for column in connection.description]
    if found is None:
        return []
    row, currency = dict(zip(names, found, strict=True)), project.settings.shop.currency
    shown = [f"{label} {_format(name, row[name], currency)}" for name, label in _FIGURES if row.get(name) is not None]
    return [f"As of {report.snapshot.as_of}: {', '.join(shown)}"]


def _format(name: str, value: Any, currency: str) -> str:
    return f"{value:,}" if name.endswith("_count") else f"{currency} {value:,.2f}"
