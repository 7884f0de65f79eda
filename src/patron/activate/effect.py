"""The effect of contacting an audience: what the contacted customers bought since, against the control group."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from patron.activate.record import Record, find_record, load_members
from patron.errors import PatronError

if TYPE_CHECKING:
    import numpy as np

    from patron.project.number_format import Formats
    from patron.project.project import Project

CONFIDENCE = 0.95
LEAST_PEOPLE = 30
LEAST_BUYERS = 10
"""With fewer people in either group, or fewer buyers in both together, the interval is not reliable."""

_OUTCOMES = ("bought", "orders", "order_amount")


class NothingHeldOutError(PatronError):
    """An audience without a control group has nothing to compare with."""

    exit_code = 3
    kind = "nothing_held_out"


@dataclass(frozen=True)
class Difference:
    """One outcome: its mean in the treatment group and in the control group, the difference, and its 95% interval.

    low, high and p_value are by Welch's t; None if a group has fewer than two people. adjusted_p_value: p_value
    adjusted for the outcomes that are compared (Benjamini and Hochberg 1995).
    """

    outcome: str
    treatment: float
    held_out: float
    difference: float
    low: float | None
    high: float | None
    p_value: float | None = None
    adjusted_p_value: float | None = None

    @property
    def is_clear(self) -> bool:
        """Return whether the difference is significant, given how many outcomes are compared."""
        return self.adjusted_p_value is not None and self.adjusted_p_value <= 1 - CONFIDENCE


@dataclass(frozen=True)
class Effect:
    """The measured effect.

    days: how many of measure_days have passed. sentence: the effect in words, only as far as the numbers support it.
    """

    id: str
    name: str
    counted_after: str | None
    counted_to: str | None
    days: int
    measure_days: int
    treatment: int
    held_out: int
    differences: list[Difference]
    sentence: str
    warnings: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Return the effect as `--json` prints it."""
        return asdict(self)


def measure_effect(project: Project, audience: str) -> Effect:
    """Measure the effect of contacting an audience, from the published orders.

    audience: an id, or a name, which means the latest of that name.
    Raises UnknownAudienceError, NothingHeldOutError, NothingBuiltError before the first run.
    """
    import numpy as np

    from patron.project.number_format import Formats

    record = find_record(project.audiences, audience)
    if not record.held_out:
        do = "export it again, with --holdout 10%"
        raise NothingHeldOutError("This audience has no control group.", where=record.id, do=do)
    bought, last = _load_purchases(project, record)
    is_held_out = np.array(bought["is_held_out"], dtype=bool)
    outcomes = {name: np.array(bought[name], dtype=float) for name in _OUTCOMES}
    differences = compare_outcomes(outcomes, is_held_out)
    days = _count_days(record, last)
    buyers = int(sum(bought["bought"]))
    warnings = _list_warnings(record, buyers) if days else []
    sentence = _describe(record, differences[-1], days, Formats.of(project.settings.shop), is_reliable=not warnings)
    to = None if last is None else min(last, record.counted_until or last).isoformat()
    return Effect(
        *(record.id, record.name, record.counted_after, to, days, record.measure_days),
        *(record.treatment, record.held_out, differences, sentence, warnings),
    )


_SINCE = """
select is_held_out, count(order_id) > 0 as bought, count(order_id) as orders,
    coalesce(sum(order_amount), 0) as order_amount
from members
left join (select * from fct_orders where order_date > ? and order_date <= ?) as since using (customer_id)
group by customer_id, is_held_out order by customer_id
"""


def _load_purchases(project: Project, record: Record) -> tuple[dict[str, list[Any]], dt.date | None]:
    """Load what each customer bought in the days that count, and the last day with an order."""
    from patron.publish.reader import open_published

    with open_published(project.published) as connection:
        connection.register("members", load_members(project.audiences, record))
        last = connection.execute("select max(order_date) from fct_orders").fetchone()[0]
        found = connection.execute(_SINCE, [record.counted_after, record.counted_until]).to_arrow_table()
    return found.to_pydict(), last


def compare_outcomes(outcomes: Mapping[str, np.ndarray], is_held_out: np.ndarray) -> list[Difference]:
    """Compare each outcome of contacted people with that of those held out, adjusted for the number of outcomes."""
    found = [compare_groups(name, values[~is_held_out], values[is_held_out]) for name, values in outcomes.items()]
    adjusted = iter(adjust_for_many([one.p_value for one in found if one.p_value is not None]))
    return [one if one.p_value is None else replace(one, adjusted_p_value=next(adjusted)) for one in found]


def compare_groups(outcome: str, treatment: np.ndarray, held_out: np.ndarray) -> Difference:
    """Compare the means of two groups, with Welch's interval; no interval if a group has fewer than two people."""
    from scipy import stats

    means = float(treatment.mean()), float(held_out.mean())
    low = high = p_value = None
    if min(len(treatment), len(held_out)) > 1:
        parts = [float(group.var(ddof=1)) / len(group) for group in (treatment, held_out)]
        error = math.sqrt(sum(parts))
        weights = parts[0] ** 2 / (len(treatment) - 1) + parts[1] ** 2 / (len(held_out) - 1)
        freedom = sum(parts) ** 2 / weights if error else 1.0
        reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * error
        low, high = means[0] - means[1] - reach, means[0] - means[1] + reach
        p_value = float(2 * stats.t.sf(abs(means[0] - means[1]) / error, freedom)) if error else 1.0
    return Difference(outcome, *means, means[0] - means[1], low, high, p_value)


def adjust_for_many(p_values: Sequence[float]) -> list[float]:
    """Adjust p values for their number: of those up to 0.05, 5% are by chance (Benjamini and Hochberg 1995)."""
    ranked = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    adjusted, least = [1.0] * len(p_values), 1.0
    for rank, place in zip(range(len(p_values), 0, -1), ranked, strict=True):
        least = min(least, p_values[place] * len(p_values) / rank)
        adjusted[place] = least
    return adjusted


def _count_days(record: Record, last: dt.date | None) -> int:
    if record.counted_after is None or last is None:
        return 0
    return max(0, min((last - dt.date.fromisoformat(record.counted_after)).days, record.measure_days))


def _list_warnings(record: Record, buyers: int) -> list[str]:
    found = []
    unreliable = "the interval is not reliable with fewer than"
    for count, group in ((record.treatment, "treatment"), (record.held_out, "control")):
        if count < LEAST_PEOPLE:
            found.append(f"Only {count} people are in the {group} group; {unreliable} {LEAST_PEOPLE}.")
    if buyers < LEAST_BUYERS:
        found.append(f"Only {buyers} people have bought since; {unreliable} {LEAST_BUYERS}.")
    return found


def _describe(record: Record, spent: Difference, days: int, formats: Formats, *, is_reliable: bool) -> str:
    if not days:
        return "Too early to tell: there are no orders since the audience was exported."
    if not is_reliable or spent.low is None or spent.high is None:
        return f"Not enough data after {_format_days(days, record)} to tell."
    ends = f"{_format_difference(spent.low, formats)} and {_format_difference(spent.high, formats)}"
    if spent.is_clear:
        least, most = sorted((abs(spent.low), abs(spent.high)))
        between = f"between {_format_money(least, formats)} and {_format_money(most, formats)}"
        word = "more" if spent.difference > 0 else "less"
        each = f"{_format_money(abs(spent.difference), formats)} {word} per person than the control group"
        return f"Contacted customers spent {each}, {between} (95% interval), in {_format_days(days, record)}."
    early = "Too early to tell" if days < record.measure_days else "No difference was found"
    spend = f"contacted customers spent between {ends} per person than the control group"
    is_near = spent.low > 0 or spent.high < 0
    said = "95% interval, not significant among three outcomes" if is_near else "95% interval"
    return f"{early}: after {_format_days(days, record)} {spend} ({said})."


def _format_days(days: int, record: Record) -> str:
    return f"{days} of {record.measure_days} days" if days < record.measure_days else f"{days} days"


def _format_money(amount: float, formats: Formats) -> str:
    return formats.money(amount, cents=True)


def _format_difference(amount: float, formats: Formats) -> str:
    return f"{_format_money(abs(amount), formats)} {'more' if amount > 0 else 'less'}"
