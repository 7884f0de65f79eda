"""Small SVG charts: a metric over periods, and bars in a table. Computes the geometry; the template draws it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from patron.serve.report.queries.figures import Figure, QueryResult

WIDTH, HEIGHT = 340.0, 170.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 10.0, 22.0, 24.0


@dataclass(frozen=True)
class Mark:
    """The mark of one period: a bar with its top at y, or a point at (middle, y). figure: None if there is no value."""

    x: float
    y: float
    width: float
    height: float
    label: str
    figure: Figure | None
    is_now: bool
    is_part: bool

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Tick:
    """A grid line and its label."""

    y: float
    text: str


@dataclass(frozen=True)
class Chart:
    """A chart of a metric over periods.

    lines: runs of consecutive points without gaps. summary: the text for screen readers. Lengths are in SVG units.
    """

    kind: Literal["bars", "line"]
    title: str
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    lines: tuple[tuple[Mark, ...], ...]
    summary: str
    result: QueryResult

    @property
    def now(self) -> Mark | None:
        """Return the mark of the reported period; None if it has no value."""
        return next((mark for mark in self.marks if mark.is_now and mark.figure is not None), None)

    @property
    def is_drawn(self) -> bool:
        """Return whether there are at least two values to show."""
        return sum(mark.figure is not None for mark in self.marks) >= 2


def build_chart(
    kind: Literal["bars", "line"],
    title: str,
    labels: Sequence[str],
    figures: Sequence[Figure],
    is_part: Sequence[bool],
    write_tick: Callable[[float], str],
) -> Chart:
    """Build the chart of one metric. The last period is the reported one and stands out; incomplete ones are lighter.

    labels, figures, is_part: one entry per period, oldest first. write_tick: formats the labels of the axis.
    """
    values = [None if figure.value is None else float(figure.value) for figure in figures]
    known = [value for value in values if value is not None]
    steps = _ticks(min([0.0, *known]), max([0.0, *known]))
    low, high = steps[0], steps[-1]

    def place(value: float) -> float:
        return round(_TOP + (high - value) / (high - low) * (HEIGHT - _TOP - _BOTTOM), 1)

    slot = (WIDTH - _LEFT - _RIGHT) / max(len(values), 1)
    marks = []
    for number, (value, figure) in enumerate(zip(values, figures, strict=True)):
        at = place(value or 0.0)
        top = min(at, place(0.0)) if kind == "bars" else at
        height = round(abs(at - place(0.0)), 1)
        x, width = round(_LEFT + slot * (number + 0.14), 1), round(slot * 0.72, 1)
        shown = None if value is None else figure
        marks.append(Mark(x, top, width, height, labels[number], shown, number == len(values) - 1, is_part[number]))
    ticks = tuple(Tick(place(step), write_tick(step)) for step in steps)
    return Chart(kind, title, tuple(marks), ticks, _runs(marks), _summarize(title, marks), figures[0].result)


def _runs(marks: Sequence[Mark]) -> tuple[tuple[Mark, ...], ...]:
    runs: list[list[Mark]] = [[]]
    for mark in marks:
        if mark.figure is None:
            runs.append([])
        else:
            runs[-1].append(mark)
    return tuple(tuple(run) for run in runs if run)


def _summarize(title: str, marks: Sequence[Mark]) -> str:
    """Summarize the chart for screen readers."""
    known = [mark for mark in marks if mark.figure is not None]
    if not known:
        return title
    first, last = known[0], known[-1]
    return f"{title}: {first.figure} in {first.label}, {last.figure} in {last.label}"


def _ticks(low: float, high: float) -> list[float]:
    """Choose three to five round numbers that cover the range from low to high."""
    if low == high:
        return [0.0, 1.0]
    rough = (high - low) / 3
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


@dataclass(frozen=True)
class Bar:
    """A bar in a table cell: its left edge and width, in percent of the cell's width."""

    left: float
    width: float
    is_negative: bool


def build_bars(values: Sequence[float]) -> list[Bar]:
    """Build one bar per value from a common zero: positive values extend to the right, negative ones to the left."""
    return build_floating_bars([(0.0, value) for value in values])


def build_floating_bars(spans: Sequence[tuple[float, float]]) -> list[Bar]:
    """Build one bar per (start, end) on a common scale that includes zero."""
    ends = [0.0, *(end for span in spans for end in span)]
    low, high = min(ends), max(ends)
    scale = 100 / (high - low) if high > low else 0.0
    return [
        Bar(round((min(one) - low) * scale, 2), round(abs(one[1] - one[0]) * scale, 2), one[1] < one[0])
        for one in spans
    ]
