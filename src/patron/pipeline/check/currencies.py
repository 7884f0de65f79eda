"""Amounts in several currencies, which must never be added up, and the rates that convert them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from patron.errors import CheckFailedError, pluralize
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

_LEAST_GAP_DAYS = 7
_USUAL_GAPS = 3
"""Rates are missing where none came for a week, and for three times the days that usually lie between them."""


@dataclass(frozen=True)
class RateGap:
    """Lines converted at a rate that had long been followed by none. valid_from: the day of that rate."""

    currency: str
    valid_from: dt.date
    last_day: dt.date
    lines: int

    def describe(self) -> str:
        """Say which rate was used, until when."""
        return (
            f"{self.currency}: no rate after that of {self.valid_from} until {self.last_day}; "
            f"{pluralize(self.lines, 'line')} {'is' if self.lines == 1 else 'are'} converted at the last known one"
        )


def refuse_mixed_currencies(project: Project, warehouse: Warehouse) -> None:
    """Stop where lines are in another currency than the shop's, with the lines of each currency.

    Raises CheckFailedError. Nothing is asked where no source maps a currency: amounts are then the shop's.
    """
    if "currency" not in project.mapped_columns().get("order_lines", []):
        return
    rows = warehouse.query(_CURRENCIES).to_pylist()
    own = project.settings.shop.currency.upper()
    others = [row for row in rows if row["currency"] != own]
    if not others:
        return
    if project.order_values.has_rates:
        raise _explain_missing_rates(project, others)
    listed = ", ".join(f"{row['currency']} (lines: {row['line_count']:,})" for row in rows)
    where = project.where("shop", "currency")
    if len(rows) == 1:
        only = rows[0]["currency"]
        what = f"All lines are in {only}, and the shop's currency is {own}. Nothing was published."
        raise CheckFailedError(what, where=where, do=f"set shop.currency to {only}, or convert the amounts to {own}")
    raise CheckFailedError(
        f"The shop sells in several currencies, whose amounts cannot be added up: {listed}. Nothing was published.",
        where=where,
        do=f"map a source of rates as exchange_rates (currency, valid_from_date, exchange_rate: {own} for one unit), "
        f"which converts them; or keep one currency, such as `where: currency = '{own}'`",
    )


def _explain_missing_rates(project: Project, rows: list[dict[str, object]]) -> CheckFailedError:
    listed = ", ".join(
        f"{row['currency']} ({pluralize(int(str(row['line_count'])), 'line')}, {row['first_day']} to {row['last_day']})"
        for row in rows
    )
    source, mapping = next(iter(project.mappings_of("exchange_rates").items()))
    return CheckFailedError(
        f"Amounts cannot be converted, as no rate is known on or before the day of the order: {listed}. "
        "Nothing was published.",
        where=mapping.columns["exchange_rate"].where,
        do=f"add rates of these currencies, from the first of these days on, to the files of {source}",
    )


def find_rate_gaps(project: Project, warehouse: Warehouse) -> Iterator[RateGap]:
    """Find the rates that were used long after the next one was due, by currency and day."""
    mappings = project.mappings_of("exchange_rates").values()
    if not any("valid_from_date" in mapping.columns for mapping in mappings):
        return
    rows = warehouse.query(_USED_RATES).to_pylist()
    for currency in dict.fromkeys(row["rate_currency"] for row in rows):
        own = [row for row in rows if row["rate_currency"] == currency]
        days = [row["valid_from_date"] for row in own]
        steps = [(later - earlier).days for earlier, later in pairwise(days)]
        limit = max(_LEAST_GAP_DAYS, _USUAL_GAPS * (median(steps) if steps else 1))
        for row in own:
            if row["last_day"] is not None and (row["last_day"] - row["valid_from_date"]).days > limit:
                yield RateGap(currency, row["valid_from_date"], row["last_day"], row["line_count"])


_CURRENCIES = """
select
    upper(trim(currency)) as currency, count(*) as line_count, min(order_date) as first_day, max(order_date) as last_day
from silver.order_lines
group by upper(trim(currency))
order by line_count desc, currency
"""
_USED_RATES = """
with
    rates as (
        select
            upper(trim(currency)) as rate_currency,
            valid_from_date,
            lead(valid_from_date) over (partition by upper(trim(currency)) order by valid_from_date) as next_date
        from (select distinct currency, valid_from_date from silver.exchange_rates where valid_from_date is not null)
            as days
    )
select rate_currency, rates.valid_from_date, count(lines.order_id) as line_count, max(lines.order_date) as last_day
from rates
left join
    silver.order_lines as lines
    on rates.rate_currency = lines.original_currency
    and lines.order_date >= rates.valid_from_date
    and (rates.next_date is null or lines.order_date < rates.next_date)
    and lines._row_key > 0
group by rate_currency, rates.valid_from_date
order by rate_currency, rates.valid_from_date
"""
