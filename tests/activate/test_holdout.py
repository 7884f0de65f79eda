"""Who is held out: the share that was asked for, whoever they are, and the same people again."""

from __future__ import annotations

import math

import pytest

from patron.activate.holdout import draw_holdout

IDS = [f"c{number}" for number in range(200_000)]


def within(found: float, expected: float, count: int, rate: float, errors: float = 4.5) -> bool:
    """Whether a share of `count` draws lies within so many standard errors of what it should be."""
    return abs(found - expected) < errors * math.sqrt(rate * (1 - rate) / count)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9])
def test_the_share_is_as_requested(share):
    assert within(sum(draw_holdout("a", IDS, share, 1)) / len(IDS), share, len(IDS), share)


def test_a_share_of_zero_holds_out_no_one():
    assert not any(draw_holdout("a", IDS, 0, 1))


def test_the_same_people_are_held_out_again_whoever_else_is_there():
    everybody = dict(zip(IDS, draw_holdout("a", IDS, 0.1, 1), strict=True))
    some = list(reversed(IDS[::7]))
    assert draw_holdout("a", some, 0.1, 1) == [everybody[one] for one in some]


def test_a_larger_share_holds_the_same_people_out_and_more():
    few, many = draw_holdout("a", IDS, 0.1, 1), draw_holdout("a", IDS, 0.2, 1)
    assert all(more for fewer, more in zip(few, many, strict=True) if fewer)


@pytest.mark.parametrize(("other", "seed"), [("b", 1), ("a", 2), ("A", 1), ("a1", 1)])
def test_another_name_or_seed_draws_independently(other, seed):
    both = [
        one and two
        for one, two in zip(draw_holdout("a", IDS, 0.1, 1), draw_holdout(other, IDS, 0.1, seed), strict=True)
    ]
    assert within(sum(both) / len(IDS), 0.01, len(IDS), 0.01)


@pytest.mark.parametrize("ids", [[str(n) for n in range(100_000)], [f"{n:012}" for n in range(100_000)]])
def test_ids_that_follow_each_other_fall_evenly(ids):
    held = draw_holdout("a", ids, 0.1, 1)
    for part in range(20):  # by last digits, and by place in the row
        for group in (held[part::20], held[part * 5000 : (part + 1) * 5000]):
            assert within(sum(group) / len(group), 0.1, len(group), 0.1)


def test_what_people_are_is_balanced():
    """A measure that runs over the ids has the same mean in both groups."""
    held = draw_holdout("At Risk", IDS, 0.1, 1)
    inside = [number for number, one in enumerate(held) if one]
    spread = len(IDS) / math.sqrt(12)
    assert abs(sum(inside) / len(inside) - len(IDS) / 2) < 4.5 * spread / math.sqrt(len(inside))


def test_the_draw_never_changes():
    """What was held out by an earlier version must be held out by the next: these were drawn once."""
    ids = [f"c{number}" for number in range(40)]
    assert [id_ for id_, one in zip(ids, draw_holdout("segment:At Risk", ids, 0.25, 1), strict=True) if one] == DRAWN


DRAWN = ["c0", "c4", "c6", "c21", "c22", "c23", "c25", "c27", "c30", "c32", "c36", "c38"]
