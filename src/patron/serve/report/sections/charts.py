"""Small charts as SVG: a metric over periods, and bars in a table. Shapes and places; the template draws them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from patron.serve.report.queries.figures import Asked, Figure

WIDTH, HEIGHT = 340.0, 170.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 10.0, 22.0, 24.0


@dataclass(frozen=True)
class Mark:
    """One period's place in a chart: a bar from y over height, or a point at (x, y). figure None: nothing known."""

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
    """A line of the grid and what is written beside it."""

    y: float
    text: str


@dataclass(frozen=True)
class Chart:
    """A metric over periods. lines: runs of points that follow each other without a gap. title says it in words."""

    kind: Literal["bars", "line"]
    title: str
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    lines: tuple[tuple[Mark, ...], ...]
    said: str
    asked: Asked

    @property
    def now(self) -> Mark | None:
        """The reported period's mark, where something is known of it."""
        return next((mark for mark in self.marks if mark.is_now and mark.figure is not None), None)

    @property
    def is_drawn(self) -> bool:
        """Whether there are two values or more to look at."""
        return sum(mark.figure is not None for mark in self.marks) >= 2


def build_chart(
    kind: Literal["bars", "line"],
    title: str,
    labels: Sequence[str],
    figures: Sequence[Figure],
    is_part: Sequence[bool],
    write_tick: Callable[[float], str],
) -> Chart:
    """The last period is the one that is reported, and stands out; parts of periods are drawn lighter."""
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
    return Chart(kind, title, tuple(marks), ticks, _runs(marks), _summarize(title, marks), figures[0].asked)


def _runs(marks: Sequence[Mark]) -> tuple[tuple[Mark, ...], ...]:
    runs: list[list[Mark]] = [[]]
    for mark in marks:
        if mark.figure is None:
            runs.append([])
        else:
            runs[-1].append(mark)
    return tuple(tuple(run) for run in runs if run)


def _summarize(title: str, marks: Sequence[Mark]) -> str:
    """What a reader who does not see the chart hears."""
    known = [mark for mark in marks if mark.figure is not None]
    if not known:
        return title
    first, last = known[0], known[-1]
    return f"{title}: {first.figure} in {first.label}, {last.figure} in {last.label}"


def _ticks(low: float, high: float) -> list[float]:
    """Three to five round numbers that reach from low to high."""
    if low == high:
        return [0.0, 1.0]
    rough = (high - low) / 3
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


@dataclass(frozen=True)
class Bar:
    """A bar in a table's cell, in hundredths of its width, from the left."""

    left: float
    width: float
    is_negative: bool


def build_bars(values: Sequence[float]) -> list[Bar]:
    """Bars that begin at one zero, to the right for what is above it and to the left for what is below."""
    return build_floating_bars([(0.0, value) for value in values])


def build_floating_bars(spans: Sequence[tuple[float, float]]) -> list[Bar]:
    """Bars from one number to another on one scale that also shows zero."""
    ends = [0.0, *(end for span in spans for end in span)]
    low, high = min(ends), max(ends)
    scale = 100 / (high - low) if high > low else 0.0
    return [
        Bar(round((min(one) - low) * scale, 2), round(abs(one[1] - one[0]) * scale, 2), one[1] < one[0])
        for one in spans
    ]
