"""Commands that answer from the published tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from patron.cli.commands.options import CsvOption, JsonOption, LimitOption, ProjectOption, project_at


def profile(customer_id: str, project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Show one customer's card.

    Example: patron profile 17850
    """
    from patron.cli.output import console as show
    from patron.serve.customer_profile import card

    facts = card(project_at(project), customer_id)
    if as_json:
        show.as_json(facts)
    else:
        show.card(facts)


def history(customer_id: str, project: ProjectOption = Path(), as_json: JsonOption = False) -> None:
    """Show what one customer was called on each observed day: segment, value tier, risk.

    Example: patron history 17850
    """
    from patron.cli.output import console as show
    from patron.serve.customer_profile import timeline

    rows = timeline(project_at(project), customer_id)
    if as_json:
        show.as_json(rows)
    else:
        show.timeline(rows, customer_id)


def query(
    sql: Annotated[str, typer.Argument(help="One select over gold.")],
    project: ProjectOption = Path(),
    limit: LimitOption = 50,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask the published gold tables, read-only.

    Example: patron query "select segment, count(*) as customers from customer_segments group by 1 order by 2 desc"
    """
    from patron.cli.output import console as show
    from patron.serve.query import select

    answer = select(project_at(project), sql)
    if as_json:
        show.as_json(answer.records())
    elif as_csv:
        answer.write_csv(sys.stdout)
    else:
        show.answer(answer, limit)


def ask(
    question: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A saved question; or one select over gold.")
    ] = None,
    project: ProjectOption = Path(),
    listed: Annotated[
        bool, typer.Option("--list", help="The saved questions, and whether this shop can answer them.")
    ] = False,
    limit: LimitOption = 50,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Answer a business question that ships with patron. Exits 3 where the shop lacks what it needs, naming it.

    Example: patron ask order_gaps
    """
    from patron.cli.output import console as show
    from patron.errors import SettingsError
    from patron.serve import questions
    from patron.serve.query import answer_to, is_name

    if listed == (question is not None):
        do = "`patron ask --list` lists them, `patron ask NAME` answers one"
        raise SettingsError("Name one question, or ask for the list.", where="patron ask", do=do)
    if question is None:
        rows = questions.listed(project_at(project))
        return show.as_json(rows) if as_json else show.questions(rows)
    if not is_name(question):
        return query(question, project, limit, as_csv, as_json)
    saved = questions.question(question)
    answer = answer_to(project_at(project), saved)
    if as_json:
        return show.as_json(answer.records())
    return answer.write_csv(sys.stdout) if as_csv else show.answer_to(saved.text, answer, limit)


def tables(
    name: Annotated[str | None, typer.Argument(help="One table, with its columns.")] = None,
    project: ProjectOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """List the gold tables with their rows and grain, or one table's columns.

    Example: patron tables customer_360
    """
    from patron.cli.output import console as show
    from patron.publish.catalog import described

    listed = described(project_at(project), name)
    if as_json:
        show.as_json(listed)
    else:
        show.tables(listed, name)
