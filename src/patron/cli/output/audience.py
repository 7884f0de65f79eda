"""Audiences, and the effect of contacting them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape

from patron.cli.output.console import console, make_table, say, warn
from patron.project.number_format import Formats

if TYPE_CHECKING:
    from patron.activate.audience import Audience
    from patron.activate.effect import Difference, Effect
    from patron.activate.record import Record
    from patron.project.project import Project


def print_audience(audience: Audience, project: Project) -> None:
    """Print the size of an audience and its control group, how similar they are, and where the list was written."""
    formats = Formats.of(project.settings.shop)
    top = f", top {formats.count(audience.people)} by {audience.by}" if audience.people < audience.chosen_from else ""
    say(f"{audience.name}, as of {audience.as_of}: {formats.count(audience.chosen_from)} customers{top}.")
    say(f"{formats.count(audience.treatment)} to contact, {formats.count(audience.held_out)} in the control group.")
    table = make_table(text=["Average"], numbers=("To contact", "Control group"))
    for name, (treatment, held_out) in audience.means.items():
        table.add_row(escape(name), formats.count(treatment, digits=2), formats.count(held_out, digits=2))
    console.print(table)
    warn(audience.warnings)
    if audience.to is None:
        say("This is a preview: nothing was written or recorded. Use --to FILE for that.")
        return
    say(f"Wrote the customers to contact to {audience.to}: {', '.join(audience.columns)}.")
    say(f"To measure the effect later: patron audience measure {audience.id}")


def print_audiences(records: list[Record], project: Project) -> None:
    """Print the audiences that were exported, the newest first."""
    if not records:
        say("There are no audiences yet; `patron audience create NAME --to FILE` exports one.")
        return
    formats = Formats.of(project.settings.shop)
    table = make_table()
    table.add_column("Id", no_wrap=True)
    for heading in ("To contact", "Control group"):
        table.add_column(heading, justify="right")
    table.add_column("Measured until")
    table.add_column("Exported to", overflow="fold")
    for one in reversed(records):
        until = formats.day(one.counted_until) if one.held_out else "not measured"
        place = Path(str(one.exported.get("to", ""))).name
        cells = (one.id, formats.count(one.treatment), formats.count(one.held_out), until, place)
        table.add_row(*map(escape, cells))
    console.print(table)


_OUTCOMES = {"bought": "Share who bought", "orders": "Orders per customer", "order_amount": "Spend per customer"}


def print_effect(effect: Effect, project: Project) -> None:
    """Print the effect of contacting an audience, in numbers and as a sentence."""
    formats = Formats.of(project.settings.shop)
    days = [formats.day(dt.date.fromisoformat(day)) if day else "" for day in (effect.counted_after, effect.counted_to)]
    say(f"{effect.name}: orders after {days[0]}, up to {days[1]}.")
    table = make_table(text=[""], numbers=("Contacted", "Control group", "Difference", "95% interval", "Adjusted p"))
    table.add_row("Customers", formats.count(effect.treatment), formats.count(effect.held_out), "", "", "")
    for one in effect.differences:
        table.add_row(*_format_difference(one, formats))
    console.print(table)
    warn(effect.warnings)
    say(effect.sentence)


def _format_difference(one: Difference, formats: Formats) -> list[str]:
    def format_value(value: float | None) -> str:
        if one.outcome == "bought":
            return formats.share(value, digits=1)
        return formats.money(value, cents=True) if one.outcome == "order_amount" else formats.count(value, digits=2)

    interval = "" if one.low is None else f"{format_value(one.low)} to {format_value(one.high)}"
    chance = "" if one.adjusted_p_value is None else f"{one.adjusted_p_value:.3f}"
    return [_OUTCOMES[one.outcome], *map(format_value, (one.treatment, one.held_out, one.difference)), interval, chance]
