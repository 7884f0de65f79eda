"""Movements between segments, as a flow chart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patron.contract.metrics import columns
from patron.serve.dashboard.pages.segments.flow import Move, compute_height, draw_flow
from patron.serve.dashboard.widgets.charts import draw_figure
from patron.serve.dashboard.widgets.empty_state import draw_empty_state
from patron.serve.dashboard.widgets.scope import join_sentences

if TYPE_CHECKING:
    from patron.serve.dashboard.data import Result
    from patron.serve.dashboard.view import View

_TITLE = "Movement between segments"
_NEW, _GONE = "New customers", "No longer in a segment"
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
    moves.moved_date between ? and ?
    and (? in (moves.from_segment, moves.to_segment) or ? is null)
group by all
order by customer_count desc, from_segment, to_segment
"""


@dataclass(frozen=True)
class _Ranks:
    """The rank of each segment. order: from the top. risk: churn risk, 0 for the lowest."""

    order: dict[str, int]
    risk: dict[str, int]


def draw_moves(view: View) -> None:
    """Draw the largest movements of the period, and the rest as one band."""
    segment = view.filters.segment
    data = view.data.rows(_MOVES, [*view.filters.days(), segment, segment])
    if not data:
        draw_empty_state(f"{_TITLE}: no data", _explain_empty(view))
        return
    moves = [Move(row["from_segment"], row["to_segment"], row["customer_count"]) for row in data.records()]
    summary = _summarize(view, data, moves)
    shown, ranked = _keep_largest(moves), _query_ranks(view)
    moods = [_rate_move(move, ranked.risk) for move in shown]
    figure = draw_flow(shown, moods, ranked.order, view.theme, view.formats)
    draw_figure(
        _TITLE,
        figure,
        data=data,
        definition=["segment_moves", "segment_moves.moved_date", "segment_moves.customer_count"],
        summary=summary,
        note=join_sentences(summary, _write_legend(view)),
        height=compute_height(shown),
    )


def _keep_largest(moves: Sequence[Move]) -> list[Move]:
    """Return the largest; the rest becomes one move from "other" to "other"."""
    rest = moves[_MOST:]
    other = f"{len(rest)} smaller moves"
    return [*moves[:_MOST], *([Move(other, other, sum(move.customers for move in rest))] if rest else [])]


def _query_ranks(view: View) -> _Ranks:
    segments = view.data.rows("select segment, segment_order, churn_risk from gold.dim_rfm_segment")
    risks = ("Low", "Medium", "High", "Critical")
    order = dict(zip(segments.column("segment"), segments.column("segment_order"), strict=True))
    risk = {row["segment"]: risks.index(row["churn_risk"]) for row in segments.records() if row["churn_risk"] in risks}
    return _Ranks({_NEW: 0, **order, _GONE: len(order) + 1}, risk)


def _rate_move(move: Move, risk: dict[str, int]) -> int:
    """Return a number above 0 for a move to a segment of lower risk, below 0 for one of higher risk."""
    if move.source not in risk or move.target not in risk:
        return 0
    return risk[move.source] - risk[move.target]


def _summarize(view: View, data: Result, moves: Sequence[Move]) -> str:
    first, last = min(data.column("first_move_date")), max(data.column("last_move_date"))
    formats, most = view.formats, moves[0]
    when = f"on {formats.day(first)}" if first == last else f"from {formats.day(first)} to {formats.day(last)}"
    moved = formats.count(sum(move.customers for move in moves))
    largest = f"the largest group ({formats.count(most.customers)}) went from {most.source} to {most.target}"
    return f"{moved} moves {when}; {largest}."


def _write_legend(view: View) -> str:
    reached = "The region and channel filters do not apply here." if view.filters.region or view.filters.channel else ""
    colours = "Green bands lead to a segment of lower churn risk, red ones to higher risk, grey ones to the same risk."
    return join_sentences(colours, reached)


def _explain_empty(view: View) -> str:
    first = view.data.first("select min(valid_from_date) as day from gold.customer_history")
    day: dt.date | None = first["day"]
    if day is None:
        return "No customer has been assigned to a segment yet."
    if not view.data.count("segment_moves"):
        since = f"Segments were first recorded on {view.formats.day(day)}, and no customer has changed segment since."
        return f"{since} Movements appear after a run on a later day."
    return "No customer changed segment in this selection. Choose a longer period or all segments."
