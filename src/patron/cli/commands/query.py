"""Commands that read the published tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import CsvOption, JsonOption, LimitOption, ProjectOption, load_project, refuse_both

_BY = "A column to group by; order_date__month is the month of a day. Repeat it for more."


def tables(
    name: Annotated[str | None, typer.Argument(help="A table, to list its columns.")] = None,
    project: ProjectOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """List the gold tables, or the columns of one.

    Example: patron tables customer_360
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.tables import print_tables
    from patron.publish.catalog import describe_columns, describe_tables

    loaded = load_project(project)
    rows = describe_tables(loaded) if name is None else describe_columns(loaded, name)
    if as_json:
        print_json(rows)
    else:
        print_tables(rows, name)


def query(
    sql: Annotated[str, typer.Argument(help="One select over the gold tables, in DuckDB's dialect.")],
    project: ProjectOption = Path(),
    limit: LimitOption = 50,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Run a select on the published gold tables.

    Example: patron query "select segment, count(*) as customers from customer_segments group by 1 order by 2 desc"
    """
    from patron.cli.output.console import print_csv, print_json
    from patron.cli.output.tables import print_answer
    from patron.serve.query import select

    refuse_both(as_json=as_json, as_csv=as_csv)
    answer = select(load_project(project), sql)
    if as_json:
        print_json(answer.records())
    elif as_csv:
        print_csv(answer)
    else:
        print_answer(answer, limit)


def metric(
    name: Annotated[str, typer.Argument(help="A metric of docs/metrics.md.")],
    by: Annotated[list[str] | None, typer.Option("--by", help=_BY)] = None,
    where: Annotated[str, typer.Option(help="A condition over the table's columns, in DuckDB's dialect.")] = "",
    table: Annotated[str, typer.Option(help="Measure over this table, where a metric has several.")] = "",
    project: ProjectOption = Path(),
    limit: LimitOption = 50,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Compute a metric by dimensions, as the dashboard and the report do.

    Example: patron metric average_order_value --by activity_date__month
    """
    from patron.cli.output.console import print_csv, print_json
    from patron.cli.output.tables import print_answer
    from patron.serve.metric import measure

    refuse_both(as_json=as_json, as_csv=as_csv)
    answer = measure(load_project(project), name, by or [], where, table)
    if as_json:
        print_json(answer.records())
    elif as_csv:
        print_csv(answer)
    else:
        print_answer(answer, limit)


def ask(
    question: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A saved question, or one select over the gold tables.")
    ] = None,
    project: ProjectOption = Path(),
    is_list: Annotated[
        bool, typer.Option("--list", help="List the saved questions, and whether this shop can answer them.")
    ] = False,
    limit: LimitOption = 50,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Answer a business question that ships with patron.

    Exits 3 if the shop lacks what the question needs, and names it.

    Example: patron ask order_gaps
    """
    from patron.cli.output.console import print_csv, print_json
    from patron.cli.output.tables import print_named_answer, print_questions
    from patron.errors import SettingsError
    from patron.serve import questions
    from patron.serve.query import answer_question, is_name

    refuse_both(as_json=as_json, as_csv=as_csv)
    if is_list == (question is not None):
        do = "`patron ask --list` lists the questions, `patron ask NAME` answers one"
        raise SettingsError("Name one question, or use --list.", where="patron ask", do=do)
    if question is None:
        rows = questions.describe_questions(load_project(project))
        return print_json(rows) if as_json else print_questions(rows)
    if not is_name(question):
        return query(question, project, limit, as_csv, as_json)
    saved = questions.get_question(question)
    answer = answer_question(load_project(project), saved)
    if as_json:
        return print_json(answer.records())
    return print_csv(answer) if as_csv else print_named_answer(saved.text, answer, limit)


def profile(customer_id: str, project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Show one customer's profile.

    Example: patron profile 12478
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.tables import print_profile
    from patron.serve.customer_profile import load_profile

    facts = load_profile(load_project(project), customer_id)
    if as_json:
        print_json(facts)
    else:
        print_profile(facts)


def history(customer_id: str, project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Show how one customer's segment, tier and risk changed.

    Example: patron history 12478
    """
    from patron.cli.output.console import print_json
    from patron.cli.output.tables import print_history
    from patron.serve.customer_profile import load_timeline

    rows = load_timeline(load_project(project), customer_id)
    if as_json:
        print_json(rows)
    else:
        print_history(rows, customer_id)
