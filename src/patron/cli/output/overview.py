"""The first output that a newcomer sees: the created project, its segments and key figures, and next steps."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from patron.cli.output.console import console, make_table, say
from patron.errors import pluralize

if TYPE_CHECKING:
    from patron.project.project import Project


def print_created(folder: Path, example: str | None, data: Path | None) -> None:
    """Print where `patron init` created the project, and what to do next."""
    settings = folder / "patron.yaml"
    run = f"patron run --project {shlex.quote(str(folder))}"
    say(f"Created {settings}.")
    if example:
        say(f"Next: {run}")
    elif data:
        _print_first_mapping(settings, run)
    else:
        say(f"Next: put files into {folder / 'data'}, map their columns in {settings}, then: {run}")


def print_added(names: list[str], files: list[Path]) -> None:
    """Print the files that additions wrote, and how each is put to use."""
    from patron.examples.additions.registry import ADDITIONS

    for path in files:
        say(f"Wrote {path}.")
    for name in names:
        say(f"To use {name}, in the project folder: {ADDITIONS[name].next_step}")


def _print_first_mapping(settings: Path, run: str) -> None:
    """Print how many questions are open in a first mapping, or that it can run once it was looked over."""
    from patron.project.settings.unanswered import UNKNOWN

    lines = settings.read_text(encoding="utf-8").splitlines()
    count = sum(UNKNOWN in line for line in lines if not line.lstrip().startswith("#"))
    if count:
        say(f"The files leave {pluralize(count, 'question')} open: answer at the top of {settings}, then: {run}")
    else:
        say(f"Mapped by the values of your files: look over {settings}, then: {run}")


def print_overview(project: Project) -> None:
    """Print the segments, the key figures and the forecast of the published tables."""
    from patron.serve.query import ask

    currency = project.settings.shop.currency
    _print_segments(ask(project, _SEGMENTS).rows, currency)
    figures = make_table(text=[""], numbers=[""], title="Key figures", title_justify="left", show_header=False)
    for row in ask(project, _KEY_FIGURES).records():
        for label, value in _list_key_figures(row, currency):
            figures.add_row(label, value)
    console.print(figures)
    for purchases, margin in ask(project, _FORECAST).rows:
        if purchases is not None and margin is not None:
            ahead = f"{purchases:,.0f} purchases in the next 90 days, and a margin of {currency} {margin:,.0f}"
            say(f"Forecast for these customers: {ahead} in the next year.")


_SEGMENTS = """
select segment, count(*), count(*) / sum(count(*)) over (), sum(net_amount), avg(net_amount),
    median(days_since_last_order), min(recommended_action)
from customer_360 where segment is not null group by segment order by sum(net_amount) desc, segment
"""

_KEY_FIGURES = "select * from kpi_overall order by kpi_date desc limit 1"
_FORECAST = "select sum(expected_purchases_90d), sum(predicted_clv_1y) from customer_clv"


def _print_segments(rows: list[tuple[Any, ...]], currency: str) -> None:
    is_wide = console.width >= 110  # on a narrower terminal the actions would break every word
    table = make_table(title="Customers by segment", title_justify="left")
    table.add_column("Segment", no_wrap=True)
    headings = ("Customers", "Share", f"Revenue ({currency})", "Revenue per customer", "Days since last order")
    for heading in headings:
        table.add_column(heading, justify="right")
    if is_wide:
        table.add_column("Recommended action")
    for segment, customers, share, revenue, each, days, action in rows:
        cells = (segment, f"{customers:,}", f"{share:.0%}", f"{revenue:,.0f}", f"{each:,.0f}", f"{days:,.0f}", action)
        table.add_row(*(escape(cell) for cell in cells[: 7 if is_wide else 6]))
    console.print(table)


def _list_key_figures(row: dict[str, Any], currency: str) -> list[tuple[str, str]]:
    return [
        ("As of", str(row["kpi_date"])),
        ("Customers", f"{row['customer_count']:,}"),
        ("Repeat customers", f"{row['repeat_customer_rate'] or 0:.1%}"),
        ("  on two days or more", f"{row['repeat_day_customer_rate'] or 0:.1%}"),
        ("Active in the last 30 days", f"{row['active_customer_count']:,}"),
        ("Churned", f"{row['churn_rate'] or 0:.1%}"),
        ("Orders", f"{row['order_count']:,}"),
        ("Net revenue", f"{currency} {row['net_amount']:,.2f}"),
        ("Average order value", f"{currency} {row['average_order_value'] or 0:,.2f}"),
        ("  before refunds", f"{currency} {row['average_order_value_before_refunds'] or 0:,.2f}"),
        ("Lifetime value per customer", f"{currency} {row['average_historical_clv'] or 0:,.2f}"),
    ]


def print_next_steps(project: Project, folder: Path) -> None:
    """Print commands that a newcomer can run now, with the id of a real customer."""
    from patron.serve.query import ask

    best = ask(project, "select customer_id from customer_360 order by net_amount desc, customer_id limit 1").rows
    patron, at = _find_program(), f" --project {shlex.quote(str(folder))}"
    say("\nTry next:")
    for command in (
        *(f"{patron} profile {shlex.quote(str(row[0]))}{at}" for row in best),
        f"{patron} tables{at}",
        f"{patron} ask --list{at}",
        f'{patron} query "select * from engagement_daily order by mau desc limit 5"{at}',
        f"{patron} check{at}",
        f"{patron} dashboard{at}",
        f"{patron} init my-shop --data PATH/TO/YOUR/FILES",
    ):
        say(f"  {command}")


def _find_program() -> str:
    """Return the command that starts patron: its name if it is on the path, otherwise as it was started now."""
    if shutil.which("patron"):
        return "patron"
    program = Path(sys.argv[0])
    return f"{sys.executable} -m patron" if program.name == "__main__.py" else str(program)
