"""Where customers went: moves between segments as a flow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.contract.metrics import columns
from patron.serve.dashboard.pages.segments.flow import Move, drawn_flow, height
from patron.serve.dashboard.widgets.charts import figure
from patron.serve.dashboard.widgets.empty_state import empty
from patron.serve.dashboard.widgets.scope import sentences

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_TITLE = "Where did customers move?"
_NEW, _GONE = "New buyers", "No buyers any more"
_MOST = 12

_MOVES = f"""
select
    coalesce(moves.from_segment, '{_NEW}') as from_segment,
    coalesce(moves.to_segment, '{_GONE}') as to_segment,
    {columns("segment_moves", customer_count="customers")},
    min(moves.moved_date) as first_move_date,
    max(moves.moved_date) as last_move_date
from gold.segment_moves as moves
where
    moves.moved_date > (select min(moved_date) from gold.segment_moves)
    and moves.moved_date between ? and ?
    and (? in (moves.from_segment, moves.to_segment) or ? is null)
group by all
order by customer_count desc, from_segment, to_segment
"""


@dataclass(frozen=True)
class _Ranked:
    """order: a segment's place, from the top. risk: 0 for the lowest."""

    order: dict[str, int]
    risk: dict[str, int]


def moves(view: View) -> None:
    """The largest moves of the period between segments, the rest in one."""
    segment = view.filters.segment
    data = view.data.rows(_MOVES, [*view.filters.days(), segment, segment])
    if not data:
        empty(f"{_TITLE} Nothing to show", _why_none(view))
        return
    listed = [Move(row["from_segment"], row["to_segment"], row["customer_count"]) for row in data.records()]
    said = _said(view, data, listed)
    shown, ranked = _most(listed), _ranked(view)
    moods = [_mood(move, ranked.risk) for move in shown]
    drawn = drawn_flow(shown, moods, ranked.order, view.theme, view.formats)
    figure(
        _TITLE,
        drawn,
        data=data,
        definition=["segment_moves", "segment_moves.moved_date", "segment_moves.customer_count"],
        says=said,
        note=sentences(said, _how_to_read(view)),
        height=height(shown),
    )


def _most(listed: Sequence[Move]) -> list[Move]:
    """The largest; what is left goes from "other" to "other"."""
    rest = listed[_MOST:]
    other = f"{len(rest)} smaller moves"
    return [*listed[:_MOST], *([Move(other, other, sum(move.customers for move in rest))] if rest else [])]


def _ranked(view: View) -> _Ranked:
    segments = view.data.rows("select segment, segment_order, churn_risk from gold.dim_rfm_segment")
    risks = ("Low", "Medium", "High", "Critical")
    order = dict(zip(segments.column("segment"), segments.column("segment_order"), strict=True))
    risk = {row["segment"]: risks.index(row["churn_risk"]) for row in segments.records() if row["churn_risk"] in risks}
    return _Ranked({_NEW: 0, **order, _GONE: len(order) + 1}, risk)


def _mood(move: Move, risk: dict[str, int]) -> int:
    """Above 0 for a move to a segment of lower risk, below 0 for one of higher."""
    if move.source not in risk or move.target not in risk:
        return 0
    return risk[move.source] - risk[move.target]


def _said(view: View, data: Result, listed: Sequence[Move]) -> str:
    first, last = min(data.column("first_move_date")), max(data.column("last_move_date"))
    formats, most = view.formats, listed[0]
    when = f"on {formats.day(first)}" if first == last else f"from {formats.day(first)} to {formats.day(last)}"
    moved = formats.count(sum(move.customers for move in listed))
    return (
        f"{moved} moves were seen {when}, most ({formats.count(most.customers)}) from {most.source} to {most.target}."
    )


def _how_to_read(view: View) -> str:
    reached = "Region and channel do not apply here." if view.filters.region or view.filters.channel else ""
    colours = "Green bands go to a segment of lower risk, red ones to one of higher; grey ones change no risk."
    return sentences(colours, reached)


def _why_none(view: View) -> str:
    first = view.data.first("select min(moved_date) as day, max(moved_date) as last_day from gold.segment_moves")
    day: dt.date | None = first["day"]
    if day is None:
        return "Nobody has been put into a segment yet."
    if first["last_day"] == day:
        said = (
            f"Segments were first looked at on {view.formats.day(day)}, and nobody has been seen in another one since."
        )
        return f"{said} Moves show after a run on a later day."
    return "No move was seen in what is chosen: choose a longer period, or all segments."
