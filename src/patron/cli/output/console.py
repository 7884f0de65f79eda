"""How results look on a terminal, and as JSON."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

if TYPE_CHECKING:
    from patron.pipeline.check.finding import Finding
    from patron.pipeline.run_report import RunReport
    from patron.pipeline.status import SourceStatus
    from patron.predict.outcome import Outcome
    from patron.project.project import Project
    from patron.serve.answer import Answer
    from patron.serve.report.write import Written

console = Console(highlight=False)

_COLOURS = {"pass": "green", "warn": "yellow", "fail": "bold red"}


def as_json(content: Any) -> None:
    """One JSON document on standard output; amounts as numbers, days as ISO text."""
    sys.stdout.write(json.dumps(content, default=_plain, ensure_ascii=False, indent=2) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, dt.date | dt.datetime) else str(value)


def say(text: str) -> None:
    """A line as it is: whatever looks like rich's markup in a path or a name is no markup."""
    console.print(text, markup=False, soft_wrap=True)


def reported(written: Written) -> None:
    """Where a report went."""
    also = f" and {written.pdf}" if written.pdf else ""
    say(f"Wrote the report of {written.period} to {written.html}{also}.")


def made(folder: Path, example: str | None, data: Path | None) -> None:
    """What `init` left behind and what comes next."""
    settings = folder / "patron.yaml"
    run = f"patron run --project {shlex.quote(str(folder))}"
    say(f"Made {settings}.")
    if example:
        say(f"Next: {run}")
    elif data:
        say(f"Its mapping is guessed from your files: look it over in {settings}, then: {run}")
    else:
        todo = f"put files into {folder / 'data'}, say in {settings} what their columns mean, then: {run}"
        say(f"Next: {todo}")


def ran(report: RunReport) -> None:
    """One line on what landed, one on what was built."""
    landed = report.as_dict()
    rejected = f", {landed['rows_rejected']:,} unreadable rows set aside" if landed["rows_rejected"] else ""
    say(f"Landed {landed['rows_landed']:,} rows from {_landed_from(report, landed)}{rejected}.")
    for warning in report.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True)
    seconds = sum(report.seconds.values())
    say(_what_was_built(report, landed, seconds))
    for outcome in report.predictions:
        say(_predicted(outcome))
    for sentence in empty_tables(report.empty_tables):
        say(sentence)
    bad = landed["bad_rows"]
    counts = [f"{bad[kind]:,} {words}" for kind, words in _BAD.items() if bad[kind]]
    if counts:
        say(f"Bad rows: {', '.join(counts)}; `patron quarantine` shows them.")


def _predicted(outcome: Outcome) -> str:
    name = outcome.name.capitalize()
    if outcome.withheld:
        return f"{name}: not predicted, for {'; '.join(outcome.withheld)}."
    why = f", fitted because {outcome.fitted}" if outcome.fitted else f", as fitted on {outcome.fitted_as_of}"
    return f"{name}: predicted by {outcome.model}{why}."


def _landed_from(report: RunReport, landed: dict[str, Any]) -> str:
    """`3 files`, `1 table`, or `3 files and 1 table`: whichever kinds of sources there are."""
    tables = [landing for landing in report.landed.values() if landing.is_changelog]
    files = f"{landed['files_landed']:,} files" if len(tables) < len(report.landed) else ""
    count = landed["tables_landed"]
    return " and ".join(part for part in (files, tables and f"{count} table{'' if count == 1 else 's'}") if part)


_MANY_EMPTY = 12
"""From here on a shop's empty tables are its main news, and are named."""


def empty_tables(reasons: dict[str, str]) -> list[str]:
    """Which gold tables are empty, and why."""
    if not reasons:
        return []
    by_reason: dict[str, list[str]] = {}
    for table, reason in sorted(reasons.items()):
        by_reason.setdefault(reason, []).append(table)
    if len(reasons) < _MANY_EMPTY:
        few = "1 gold table is" if len(reasons) == 1 else f"{len(reasons)} gold tables are"
        return [f"{few} empty ({'; '.join(by_reason)}); `patron tables` lists them."]
    return [f"Empty: {', '.join(tables)}: {reason}." for reason, tables in by_reason.items()]


def status(rows: list[SourceStatus]) -> None:
    """Where each source stands."""
    table = Table(box=None, pad_edge=False)
    for heading in ("Source", "Rows", "Rejected", "Batch", "Landed", "Last event", "Days ago"):
        is_text = heading in ("Source", "Landed", "Last event")
        table.add_column(heading, justify="left" if is_text else "right", no_wrap=True)
    for row in rows:
        table.add_row(
            escape(row.source),
            f"{row.rows:,}",
            f"{row.rejected + row.quarantined:,}",
            "" if row.last_batch is None else str(row.last_batch),
            f"{row.last_landed_at:%Y-%m-%d}" if row.last_landed_at else "never",
            f"{row.last_event:%Y-%m-%d}" if row.last_event else "no dates",
            "" if row.lag_days is None else f"{row.lag_days:,.1f}",
        )
    console.print(table)
    behind = [f"{row.source} by {row.batches_behind}" for row in rows if row.batches_behind]
    say(f"Gold is behind: {', '.join(behind)}; `patron run` brings it up." if behind else "Gold is up to every batch.")


_BAD = {"quarantined": "in quarantine", "unreadable": "unreadable"}


def _what_was_built(report: RunReport, landed: dict[str, Any], seconds: float) -> str:
    if not report.is_new:
        return f"Nothing is new; gold stands as of {landed['as_of']} ({seconds:.1f} s)."
    still = f" ({report.models_untouched} are as they were)" if report.models_untouched else ""
    built = f"Built {report.models_built} tables{still}, {report.tests_passed} tests hold"
    as_of = f", measured as of {landed['as_of']}" if landed["as_of"] else ""
    return f"{built}{as_of} ({seconds:.1f} s), because {report.reason}."


def overview(project: Project) -> None:
    """Segments and key figures of the published tables."""
    from patron.serve.query import ask

    currency = project.settings.shop.currency
    segments = ask(project, _SEGMENTS)
    is_wide = console.width >= 110  # narrower, the advice would break every word
    table = Table(title="Customers by segment", title_justify="left")
    table.add_column("Segment", no_wrap=True)
    for name in ("Customers", "Share", f"Spent ({currency})", "Each", "Days silent"):
        table.add_column(name, justify="right", no_wrap=True)
    if is_wide:
        table.add_column("What to do")
    for segment, customers, share, net, each, silent, action in segments.rows:
        cells = (segment, f"{customers:,}", f"{share:.0%}", f"{net:,.0f}", f"{each:,.0f}", f"{silent:,.0f}", action)
        table.add_row(*(escape(cell) for cell in cells[: 7 if is_wide else 6]))
    console.print(table)
    figures = Table(title="The shop to date", title_justify="left", show_header=False)
    figures.add_column()
    figures.add_column(justify="right")
    for row in ask(project, _KPIS).records():
        for label, value in _kpi_lines(row, currency):
            figures.add_row(label, value)
    console.print(figures)
    for purchases, margin in ask(project, _EXPECTED).rows:
        if purchases is not None and margin is not None:
            ahead = f"{purchases:,.0f} purchases in the next 90 days, and a margin of {currency} {margin:,.0f}"
            say(f"Expected of these customers: {ahead} in the next year.")


_SEGMENTS = """
select segment, count(*), count(*) / sum(count(*)) over (), sum(net_amount), avg(net_amount),
    median(days_since_last_order), min(recommended_action)
from customer_360 where segment is not null group by segment order by sum(net_amount) desc, segment
"""

_KPIS = "select * from kpi_overall order by kpi_date desc limit 1"
_EXPECTED = "select sum(expected_purchases_90d), sum(predicted_clv_1y) from customer_clv"


def _kpi_lines(row: dict[str, Any], currency: str) -> list[tuple[str, str]]:
    return [
        ("Day", str(row["kpi_date"])),
        ("Customers who bought", f"{row['customer_count']:,}"),
        ("... who came back", f"{row['repeat_customer_rate'] or 0:.1%}"),
        ("... active in 30 days", f"{row['active_customer_count']:,}"),
        ("... gone (churned)", f"{row['churn_rate'] or 0:.1%}"),
        ("Orders", f"{row['order_count']:,}"),
        ("Net revenue", f"{currency} {row['net_amount']:,.2f}"),
        ("Average order value", f"{currency} {row['average_order_value'] or 0:,.2f}"),
        ("Customer worth to date", f"{currency} {row['average_historical_clv'] or 0:,.2f}"),
    ]


def next_steps(project: Project, folder: Path) -> None:
    """Commands that a newcomer can type now, with a real customer id."""
    from patron.serve.query import ask

    best = ask(project, "select customer_id from customer_360 order by net_amount desc, customer_id limit 1").rows
    patron, there = _called(), f" --project {shlex.quote(str(folder))}"
    say("\nAsk next:")
    for command in (
        *(f"{patron} profile {shlex.quote(str(row[0]))}{there}" for row in best),
        f"{patron} tables{there}",
        f"{patron} ask --list{there}",
        f'{patron} query "select * from engagement_daily order by mau desc limit 5"{there}',
        f"{patron} check{there}",
        f"{patron} init my-shop --data PATH/TO/YOUR/FILES",
    ):
        say(f"  {command}")


def _called() -> str:
    """How this user reaches patron: by name where it is on the path, else as it was called."""
    if shutil.which("patron"):
        return "patron"
    program = Path(sys.argv[0])
    return f"{sys.executable} -m patron" if program.name == "__main__.py" else str(program)


def findings(found: list[Finding]) -> None:
    """A table of what was checked; rules that hold are counted, broken ones named."""
    table = Table()
    for name in ("What", "Which", "", "Detail"):
        table.add_column(name, overflow="fold")
    last = ""
    for finding in _rules_counted(found):
        section = finding.section if finding.section != last else ""
        last = finding.section
        colour = _COLOURS[finding.status]
        table.add_row(section, escape(finding.name), f"[{colour}]{finding.status}[/]", escape(finding.detail))
    console.print(table)
    failed = sum(finding.status == "fail" for finding in found)
    warned = sum(finding.status == "warn" for finding in found)
    console.print(f"{len(found)} checks: {failed} failed, {warned} with a warning.")


def _rules_counted(found: list[Finding]) -> list[Finding]:
    from patron.pipeline.check.finding import Finding

    layers: dict[str, int] = {}
    for finding in found:
        if finding.section == "data tests" and finding.status == "pass":
            layer = finding.name.split(".")[0]
            layers[layer] = layers.get(layer, 0) + 1
    shown: list[Finding] = []
    for finding in found:
        if finding.section != "data tests" or finding.status != "pass":
            shown.append(finding)
            continue
        layer = finding.name.split(".")[0]
        if count := layers.pop(layer, 0):
            shown.append(Finding("data tests", layer, "pass", f"{count} tables pass all their data tests"))
    return shown


def card(facts: dict[str, Any]) -> None:
    """The customer's card."""
    from patron.serve.customer_profile import sentences

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for heading, sentence in sentences(facts):
        grid.add_row(heading, escape(sentence))
    console.print(Panel(grid, title=escape(str(facts["customer_id"])), expand=False))


def timeline(rows: list[dict[str, Any]], customer_id: str) -> None:
    """What a customer was called, oldest first."""
    if not rows:
        console.print(f"{escape(customer_id)} has no order that counts as a sale, and so no segment.")
        return
    table = Table(title=escape(customer_id), title_justify="left")
    for heading in ("From", "To", "Segment", "CLV tier", "Risk"):
        table.add_column(heading)
    for row in rows:
        until = "now" if row["is_current"] else str(row["valid_to_date"])
        labels = (row["segment"], row["clv_tier"], row["churn_group"])
        table.add_row(str(row["valid_from_date"]), until, *(escape(label) for label in labels))
    console.print(table)
    if len(rows) == 1:
        console.print("Each run at another day adds what changed; `patron run --as-of DAY` observes an earlier one.")


def questions(rows: list[dict[str, Any]]) -> None:
    """The saved questions, and whether this shop can answer them."""
    table = Table()
    table.add_column("Name", no_wrap=True)
    table.add_column("Question", overflow="fold")
    table.add_column("This shop", overflow="fold")
    for row in rows:
        can = "can answer" if row["can_answer"] else f"cannot: nothing maps {' and '.join(row['missing'])}"
        table.add_row(*map(escape, (row["name"], row["question"], can)))
    console.print(table)
    say("`patron ask NAME` answers one; docs/questions.md defines them.")


def answer_to(text: str, found: Answer, limit: int) -> None:
    """A saved question's sentence and its answer."""
    from patron.publish.empty_tables import NO_ROWS

    say(text)
    if found.rows:
        answer(found, limit)
    else:
        say(f"No row: {NO_ROWS}.")


_NARROWEST = 12
"""A column that would get less room than this, and needs it, makes a table unreadable."""


def answer(found: Answer, limit: int) -> None:
    """Rows as a table, numbers to the right; where the columns do not fit side by side, each row as a list."""
    rows = [[_cell(value) for value in row] for row in found.rows[:limit]]
    if _fits(found.columns, rows):
        console.print(_as_table(found, rows))
    else:
        for number, row in enumerate(rows, start=1):
            console.print(_as_list(found.columns, row, f"row {number:,}"))
    more = len(found.rows) - limit
    if more > 0:
        console.print(f"{more:,} more rows; --limit, --csv or --json shows them.")


def _fits(columns: list[str], rows: list[list[str]]) -> bool:
    cells = zip(columns, *rows, strict=True)
    least = [min(max(map(len, column)), _NARROWEST) + 3 for column in cells]
    return sum(least) < console.width


def _as_table(found: Answer, rows: list[list[str]]) -> Table:
    table = Table()
    for position, name in enumerate(found.columns):
        is_number = any(isinstance(row[position], int | float | decimal.Decimal) for row in found.rows[:1])
        table.add_column(escape(name), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def _as_list(columns: list[str], row: list[str], title: str) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for name, cell in zip(columns, row, strict=True):
        table.add_row(escape(name), escape(cell))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, decimal.Decimal):
        return f"{value:,.2f}"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def tables(listed: list[dict[str, Any]], name: str | None) -> None:
    """Gold tables, or one table's columns."""
    table = Table()
    for heading in listed[0] if listed else []:
        table.add_column(heading, overflow="fold", justify="right" if heading == "rows" else "left")
    for row in listed:
        table.add_row(*(escape(_cell(value)) for value in row.values()))
    console.print(table)
    if name is None:
        console.print("`patron tables NAME` shows a table's columns.")
