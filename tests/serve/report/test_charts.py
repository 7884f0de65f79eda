"""Shapes of charts and bars, worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.serve.report.queries.figures import Figure, QueryResult
from patron.serve.report.sections.charts import HEIGHT, WIDTH, build_bars, build_chart, build_floating_bars

ASKED = QueryResult("select 1", ("amount",), ((1,),))


def figures(*values):
    return [Figure(value, str(value), ASKED, "amount", row, str) for row, value in enumerate(values)]


def drawn(kind, *values):
    return build_chart(
        kind, "Revenue", [f"m{row}" for row in range(len(values))], figures(*values), [False] * len(values), str
    )


def test_bars_stand_on_zero():
    made = drawn("bars", 10, 20)
    assert [tick.text for tick in made.ticks] == ["0.0", "10.0", "20.0"]
    bottoms = {round(mark.y + mark.height, 1) for mark in made.marks}
    assert bottoms == {made.ticks[0].y}
    assert made.marks[1].height == pytest.approx(2 * made.marks[0].height, abs=0.1)
    assert made.summary == "Revenue: 10 in m0, 20 in m1"


def test_bars_below_zero_hang_from_it():
    made = drawn("bars", -10, 20)
    zero = next(tick.y for tick in made.ticks if tick.text == "0.0")
    assert made.marks[0].y == zero
    assert made.marks[1].y + made.marks[1].height == pytest.approx(zero, abs=0.1)


def test_a_line_breaks_where_nothing_is_known():
    made = drawn("line", 1, None, 2, 3)
    assert [len(run) for run in made.lines] == [1, 2]
    assert made.is_drawn
    assert not drawn("line", None, 1).is_drawn
    assert drawn("line", 1, None).now is None


@given(st.lists(st.decimals(-(10**9), 10**9, places=4), min_size=1, max_size=14))
def test_marks_lie_in_the_picture_and_ticks_hold_them(values):
    made = drawn("bars", *values)
    assert len(made.ticks) <= 6
    for mark in made.marks:
        assert 0 <= mark.x <= mark.x + mark.width <= WIDTH
        assert 0 <= mark.y <= mark.y + mark.height + 0.1 <= HEIGHT


def test_bars_in_a_table_share_one_scale_and_zero():
    assert [(bar.left, bar.width, bar.is_negative) for bar in build_bars([30.0, -10.0, 0.0])] == [
        (25.0, 75.0, False),
        (0.0, 25.0, True),
        (25.0, 0.0, False),
    ]


def test_a_bridge_goes_from_one_number_to_the_next():
    steps = build_floating_bars([(0, 200), (200, 300), (300, 250), (0, 250)])
    assert [(round(bar.left), round(bar.width), bar.is_negative) for bar in steps] == [
        (0, 67, False),
        (67, 33, False),
        (83, 17, True),
        (0, 83, False),
    ]


def test_nothing_at_all_has_no_width():
    assert [bar.width for bar in build_bars([0.0, 0.0])] == [0.0, 0.0]
