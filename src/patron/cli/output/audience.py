"""How audiences and what they did look on a terminal."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from patron.cli.output.console import console, say
from patron.project.number_format import Formats

if TYPE_CHECKING:
    from patron.activate.audience import Audience
    from patron.activate.effect import Difference, Effect
    from patron.activate.record import Record
    from patron.project.project import Project


def made(audience: Audience, project: Project) -> None:
    """Who is in it, who is held out, and where the list went."""
    formats = Formats.of(project.settings.shop)
    top = (
        f", the first {formats.count(audience.people)} by {audience.by}"
        if audience.people < audience.chosen_from
        else ""
    )
    say(f"{audience.name}, as of {audience.as_of}: {formats.count(audience.chosen_from)} customers{top}.")
    say(f"{formats.count(audience.treatment)} to contact, {formats.count(audience.held_out)} held out at random.")
    table = Table()
    for heading in ("On average", "To contact", "Held out"):
        table.add_column(heading, justify="left" if heading == "On average" else "right")
    for name, (treatment, held_out) in audience.means.items():
        table.add_row(escape(name), formats.count(treatment, digits=2), formats.count(held_out, digits=2))
    console.print(table)
    _warn(audience.warnings)
    if audience.to is None:
        say("Nothing is written or recorded yet: --to FILE does both.")
        return
    say(f"Wrote those to contact to {audience.to}: {', '.join(audience.columns)}.")
    say(f"Later: patron audience --measure {audience.id}")


def listed(records: list[Record], project: Project) -> None:
    """The audiences that were made, the newest first."""
    if not records:
        say("No audience was made yet; `patron audience NAME --to FILE` makes one.")
        return
    formats = Formats.of(project.settings.shop)
    table = Table()
    table.add_column("Id", no_wrap=True)
    for heading in ("To contact", "Held out"):
        table.add_column(heading, justify="right")
    table.add_column("Measured until")
    table.add_column("Went to", overflow="fold")
    for one in reversed(records):
        until = formats.day(one.counted_until) if one.held_out else "not measured"
        place = Path(str(one.exported.get("to", ""))).name
        cells = (one.id, formats.count(one.treatment), formats.count(one.held_out), until, place)
        table.add_row(*map(escape, cells))
    console.print(table)


_WORDS = {"bought": "Share who bought", "orders": "Orders each", "order_amount": "Spent each"}


def measured(effect: Effect, project: Project) -> None:
    """What contacting did, as a sentence and in numbers."""
    formats = Formats.of(project.settings.shop)
    days = [formats.day(dt.date.fromisoformat(day)) if day else "" for day in (effect.counted_after, effect.counted_to)]
    say(f"{effect.name}: orders after {days[0]}, up to {days[1]}.")
    table = Table()
    for heading in ("", "Contacted", "Held out", "Difference", "95% interval"):
        table.add_column(heading, justify="right" if heading else "left")
    table.add_row("People", formats.count(effect.treatment), formats.count(effect.held_out), "", "")
    for one in effect.differences:
        table.add_row(*_row(one, formats))
    console.print(table)
    _warn(effect.warnings)
    say(effect.sentence)


def _row(one: Difference, formats: Formats) -> list[str]:
    def said(value: float | None) -> str:
        if one.outcome == "bought":
            return formats.share(value, digits=1)
        return formats.money(value, cents=True) if one.outcome == "order_amount" else formats.count(value, digits=2)

    interval = "" if one.low is None else f"{said(one.low)} to {said(one.high)}"
    return [_WORDS[one.outcome], said(one.treatment), said(one.held_out), said(one.difference), interval]


def _warn(warnings: list[str]) -> None:
    for warning in warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True)
