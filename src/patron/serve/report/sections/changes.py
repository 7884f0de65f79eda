"""What changed and why, and which customers, cohorts, segments and regions account for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.serve.report.queries.change import capitalize
from patron.serve.report.queries.change_of_groups import name_group
from patron.serve.report.queries.figures import Asked
from patron.serve.report.sections.charts import Bar, build_bars, build_floating_bars
from patron.serve.report.sections.number_text import share, signed
from patron.serve.report.sections.section import Section, Sentence
from patron.serve.report.sections.tables import Cell, Row, Table, iterate_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patron.project.number_format import Formats
    from patron.serve.report.queries.change import Change
    from patron.serve.report.queries.change_of_groups import Moved
    from patron.serve.report.queries.spans import Comparison, Days

_MOST_ROWS = 12


def build_change_section(found: Sequence[Change], totals: Asked, comparison: Comparison, formats: Formats) -> Section:
    """The sentences, and how revenue came from what it was to what it is."""
    sentences = tuple(Sentence(one.sentence, one.figures, (one.asked,), one.direction) for one in found)
    driven = next((one for one in found if one.topic == "drivers"), None)
    tables = (_bridge(driven, totals, comparison, formats),) if driven is not None else ()
    return Section("changes", "What changed and why", comparison.remark(formats), sentences, tables=tables)


def _bridge(driven: Change, totals: Asked, comparison: Comparison, formats: Formats) -> Table:
    """From the revenue before, part by part, to the revenue now."""
    assert comparison.before is not None
    before, now = totals.figure("net_amount_before", formats.money), totals.figure("net_amount", formats.money)
    spans, at = [(0.0, float(before.value))], float(before.value)
    for part in driven.parts:
        spans.append((at, at + float(part.amount.value)))
        at = spans[-1][1]
    drawn = build_floating_bars([*spans, (0.0, float(now.value))])
    names = [f"Revenue, {comparison.before.label(formats)}", *(part.name for part in driven.parts)]
    names.append(f"Revenue, {comparison.now.label(formats)}")
    figures = [before, *(part.amount for part in driven.parts), now]
    last = len(names) - 1
    rows = tuple(
        Row((name, figure, bar), is_strong=number in (0, last))
        for number, (name, figure, bar) in enumerate(zip(names, figures, drawn, strict=True))
    )
    note = (
        "The parts add up to the change. Customers' revenue is customers × orders per customer × revenue per order; "
        "its change is split among the three with the logarithmic mean Divisia index (Ang 2005)."
    )
    return Table("Revenue bridge", ("", "#Amount", "|"), rows, (totals, driven.asked), note)


def build_driver_section(moved: Sequence[Moved], comparison: Comparison, formats: Formats) -> Section | None:
    """A table a breakdown; None where nothing is told apart or nothing is compared."""
    if comparison.before is None or not moved:
        return None
    tables = tuple(_of_groups(one, comparison, formats) for one in moved)
    lead = (
        "Sales before refunds, net of discounts on the lines themselves. "
        "The differences in each table add up to its last row."
    )
    return Section("drivers", "Where the change came from", lead, tables=tables)


def _of_groups(moved: Moved, comparison: Comparison, formats: Formats) -> Table:
    asked = moved.asked
    order = sorted(iterate_rows(asked), key=lambda row: -asked.value("more", row))
    kept = sorted(order if len(order) == _MOST_ROWS + 1 else order[:_MOST_ROWS])
    drawn = build_bars([float(asked.value("difference", row)) for row in kept])
    rows = [
        Row((capitalize(name_group(asked, row, moved.breakdown, formats)), *_numbers(asked, row, formats, bar)))
        for row, bar in zip(kept, drawn, strict=True)
    ]
    all_of_it: tuple[Cell, ...] = (
        asked.figure("all_difference", signed(formats)),
        "",
        asked.figure("all_now", formats.money),
        asked.figure("all_before", formats.money),
        "",
    )
    rows.append(Row(("Total", *all_of_it), is_strong=True))
    left = len(order) - len(kept)
    note = moved.note(formats)
    if left > 1:
        note = f"The {left} groups with the smallest differences are omitted; the query returns them. {note}".strip()
    before, now = comparison.before, comparison.now
    assert before is not None
    columns = ("", "#Difference", "|", f"#{_short(now, formats)}", f"#{_short(before, formats)}", "#Previous share")
    return Table(moved.title, columns, tuple(rows), (asked,), note)


def _numbers(asked: Asked, row: int, formats: Formats, bar: Bar) -> tuple[Cell, ...]:
    return (
        asked.figure("difference", signed(formats), row),
        bar,
        asked.figure("sales", formats.money, row),
        asked.figure("sales_before", formats.money, row),
        asked.figure("share_before", share(formats), row),
    )


def _short(days: Days, formats: Formats) -> str:
    name = days.period.short_label(formats)
    return name if days.is_whole else f"{name}, {days.count} {'day' if days.count == 1 else 'days'}"
