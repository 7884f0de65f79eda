"""Amounts in several currencies, which must never be added up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import CheckFailedError
from patron.project.project import Project

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse


def refuse_mixed_currencies(project: Project, warehouse: Warehouse) -> None:
    """Stop where lines are in another currency than the shop's, with the lines of each currency.

    Raises CheckFailedError. Nothing is asked where no source maps a currency: amounts are then the shop's.
    """
    if "currency" not in project.mapped_columns().get("order_lines", []):
        return
    rows = warehouse.query(_CURRENCIES).to_pylist()
    own = project.settings.shop.currency.upper()
    if {row["currency"] for row in rows} <= {own}:
        return
    listed = ", ".join(f"{row['currency']} (lines: {row['line_count']:,})" for row in rows)
    where = project.where("shop", "currency")
    if len(rows) == 1:
        only = rows[0]["currency"]
        what = f"All lines are in {only}, and the shop's currency is {own}. Nothing was published."
        raise CheckFailedError(what, where=where, do=f"set shop.currency to {only}, or convert the amounts to {own}")
    raise CheckFailedError(
        f"The shop sells in several currencies, whose amounts cannot be added up: {listed}. Nothing was published.",
        where=where,
        do=f"convert the amounts to {own} in the mapping (such as price * rates.rate, with a lookup into a source of "
        f"rates) and leave currency unmapped; or keep one currency, such as `where: currency = '{own}'`",
    )


_CURRENCIES = """
select upper(trim(currency)) as currency, count(*) as line_count
from silver.order_lines
group by upper(trim(currency))
order by line_count desc, currency
"""
