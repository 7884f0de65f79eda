"""Axes with ticks in the shop's formats: money, shares, counts, months and days."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from patron.project.number_format import Formats

Number = int | float | Decimal
AxisName = Literal["x", "y", "y2"]

_MOST_MONTHS = 5
_MOST_DAYS = 4


def set_money_axis(figure: go.Figure, values: Iterable[Number | None], formats: Formats, axis: AxisName = "y") -> None:
    """Set ticks such as £20K over the range of the values."""
    _set_ticks(figure, values, formats.short_money, axis)


def set_count_axis(figure: go.Figure, values: Iterable[Number | None], formats: Formats, axis: AxisName = "y") -> None:
    """Set ticks such as 12K over the range of the values."""
    _set_ticks(figure, values, formats.short_count, axis, least_step=1.0)


def set_share_axis(figure: go.Figure, values: Iterable[Number | None], formats: Formats, axis: AxisName = "y") -> None:
    """Set ticks such as 20% over the range of the values, which are rates of 0 to 1."""
    known = list(values)
    largest = max((abs(float(value)) for value in known if value is not None), default=1.0)
    _set_ticks(figure, known, lambda rate: formats.share(rate, digits=0 if largest > 0.05 else 1), axis)


def set_month_axis(figure: go.Figure, months: Sequence[dt.date], formats: Formats, axis: AxisName = "x") -> None:
    """Set ticks such as Dec 2011 at some of the months, including the last."""
    known = sorted(set(months))
    step = max(1, math.ceil(len(known) / _MOST_MONTHS))
    shown = known[::-1][::step][::-1]
    _set(figure, axis, {"tickvals": shown, "ticktext": [formats.month(month) for month in shown]})


def set_day_axis(figure: go.Figure, days: Sequence[dt.date], formats: Formats, axis: AxisName = "x") -> None:
    """Set ticks such as 9 Dec 2011 at some of the days, away from both ends, where labels would be cut off."""
    known = sorted(set(days))
    parts = min(_MOST_DAYS, len(known))
    shown = [known[(2 * part + 1) * len(known) // (2 * parts)] for part in range(parts)]
    _set(figure, axis, {"tickvals": shown, "ticktext": [formats.day(day) for day in shown]})


def compute_ticks(least: float, largest: float, *, least_step: float = 0.0) -> list[float]:
    """Choose about five round values over a range; 0 is one of them if the range includes it."""
    if least == largest:
        return [largest]
    raw = (largest - least) / 5
    size = 10.0 ** math.floor(math.log10(raw))
    step = max(next(part * size for part in (1, 2, 2.5, 5, 10) if part * size >= raw * (1 - 1e-9)), least_step)
    first, last = math.floor(least / step + 1e-9), math.ceil(largest / step - 1e-9)
    return [round(step * place, 10) for place in range(first, last + 1)]


def _set_ticks(
    figure: go.Figure,
    values: Iterable[Number | None],
    write: Callable[[Any], str],
    axis: AxisName,
    least_step: float = 0.0,
) -> None:
    known = [float(value) for value in values if value is not None and not math.isnan(value)]
    if not known:
        return
    at = compute_ticks(min(0.0, *known), max(0.0, *known), least_step=least_step)
    shown = {} if len(at) == 1 else {"range": [at[0], at[-1]]}
    _set(figure, axis, {"tickvals": at, "ticktext": [write(value) for value in at], **shown})


def _set(figure: go.Figure, axis: AxisName, options: dict[str, Any]) -> None:
    figure.update_layout({{"x": "xaxis", "y": "yaxis", "y2": "yaxis2"}[axis]: options})
