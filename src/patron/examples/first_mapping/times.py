"""The time of an event: one column, or a day and a time of day; asked for where the day or the month may come first."""

from __future__ import annotations

from dataclasses import dataclass

from patron.examples.first_mapping.mapped import Mapped, map_text, name_column, quote
from patron.examples.first_mapping.questions import UNKNOWN, Choice, Question
from patron.examples.first_mapping.tables import Table, can_mean
from patron.ingest.profile.values import Values


@dataclass(frozen=True)
class ChosenTime:
    """The columns of a time, and how it is mapped. day: the column that holds the day."""

    day: str
    columns: tuple[str, ...]
    mapped: Mapped | Question


def choose_time(table: Table, meaning: str, place: str, lookup: str | None = None) -> ChosenTime | None:
    """Choose the time of an event, with the time of day from a column of its own if there is one.

    place: of the canonical column in patron.yaml. lookup: the name by which another table looks this one up.
    """
    days = table.list_fitting(meaning)
    if not days:
        return None
    values = table.columns[days[0]]
    clock = table.find("clock", exclude=days) if values.times and not values.times.has_clock else None
    columns = (days[0],) if clock is None else (days[0], clock)
    names = [name_column(name, lookup) if lookup or clock is None else quote(name) for name in columns]
    expression = " || ' ' || ".join(names)
    suffix = "" if clock is None else f" {_guess_clock_format(table.columns[clock])}"
    return ChosenTime(days[0], columns, _map(values, expression, suffix, place))


def _map(values: Values, expression: str, suffix: str, place: str) -> Mapped | Question:
    reading = values.times
    assert reading is not None
    formats = tuple(fmt + suffix for fmt in reading.formats)
    if not reading.is_ambiguous:
        return Mapped(expression, formats)
    canonical = place.rpartition(".")[2]
    month_first = tuple(fmt + suffix for fmt in reading.month_first())
    text = f'Is "{values.name}" written day first or month first? Every value of it can be read either way.'
    choices = (
        Choice("day first, as in 31/12", f"{canonical}: {Mapped(expression, formats).write()}"),
        Choice("month first, as in 12/31", f"{canonical}: {Mapped(expression, month_first).write()}"),
    )
    open_line = f"{canonical}: {Mapped(expression, (UNKNOWN,)).write()}"
    return Question(place.rpartition(".")[0], text, choices, open_line)


def _guess_clock_format(values: Values) -> str:
    text = max(values.texts, key=len)
    has_half = text.upper().endswith("M")
    bare = text[:-2].strip() if has_half else text
    clock = ("%I" if has_half else "%H") + ":%M" + (":%S" if bare.count(":") == 2 else "")
    return (
        clock + (".%f" if "." in bare else "") + (" %p" if has_half and text[-3] == " " else "%p" if has_half else "")
    )


def ask_for_time(table: Table, place: str, canonical: str) -> Question:
    """Ask which column is the time, or the id, that no header and no value gives away."""
    wants_time = canonical.endswith("_at")
    fitting = [
        name
        for name, values in table.columns.items()
        if values.texts and (values.times is not None if wants_time else can_mean(values, canonical))
    ]
    what = "says when something was bought" if wants_time else "tells the orders apart"
    choices = tuple(Choice(name, f"{canonical}: {map_text(name).write()}") for name in fitting[:9])
    return Question(
        place.rpartition(".")[0], f"Which column of {table.name} {what}?", choices, f"{canonical}: {UNKNOWN}"
    )
