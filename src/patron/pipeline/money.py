"""The money of a shop's sources: from their raw totals to net revenue, and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse

STEPS = {
    "raw_amount": "raw total of the lines",
    "shared_amount": "discounts, refunds and deducted tax of whole orders, conversion",
    "free_amount": "given away for free",
    "adjustment_amount": "manual corrections",
    "bad_debt_amount": "bad debt",
    "charge_amount": "charges on lines of their own",
    "gift_card_sold_amount": "gift cards sold",
    "invalid_amount": "invalid lines",
    "not_completed_amount": "orders not completed",
    "test_amount": "test orders",
    "later_amount": "after as_of",
    "net_amount": "net revenue",
}
"""Columns of gold.revenue_bridge, in order -> what they are. All between the raw total and net revenue are taken off,
except shared amounts, which are negative."""

BESIDE = {
    "tax_amount": "tax",
    "shipping_amount": "shipping",
    "tip_amount": "tips",
    "gift_card_paid_amount": "paid with gift cards",
}
"""Columns of amounts that customers paid beside the price of the goods, or with gift cards."""


@dataclass(frozen=True)
class SourceMoney:
    """One source's row of gold.revenue_bridge; amounts in the shop's currency.

    amounts: column of STEPS or BESIDE -> amount. quarantined_amount: of the rows whose amount can be read.
    """

    source: str
    lines: int
    quarantined: int
    quarantined_amount: Decimal
    amounts: dict[str, Decimal]

    def list_steps(self) -> list[tuple[str, Decimal]]:
        """List what leads from the raw total to net revenue, as (what, signed amount), without steps of nothing."""
        ends = ("raw_amount", "net_amount")
        signed = {
            name: amount if name in (*ends, "shared_amount") else -amount
            for name, amount in self.amounts.items()
            if name in STEPS
        }
        return [(what, signed[name]) for name, what in STEPS.items() if signed[name] or name in ends]

    def describe(self) -> str:
        """Tell the bridge in one sentence."""
        steps = [f"{what} {amount:+,.2f}" for what, amount in self.list_steps()[1:-1]]
        start, end = (f"{what} {amount:,.2f}" for what, amount in (self.list_steps()[0], self.list_steps()[-1]))
        return f"{'; '.join([start, *steps])}; leaves {end}"

    def describe_loss(self) -> str | None:
        """Tell how many rows, and how much money, were set aside as bad; None if none were."""
        if not self.quarantined:
            return None
        rate = self.quarantined / (self.lines + self.quarantined)
        return (
            f"{self.quarantined:,} of {self.lines + self.quarantined:,} order lines ({rate:.1%}) are set aside as bad; "
            f"those whose amount can be read come to {self.quarantined_amount:,.2f}"
        )


def read_money(warehouse: Warehouse) -> list[SourceMoney]:
    """Read gold.revenue_bridge, by the name of the source."""
    rows = warehouse.query("select * from gold.revenue_bridge order by source_name").to_pylist()
    return [
        SourceMoney(
            row["source_name"],
            int(row["line_count"]),
            int(row["quarantined_count"]),
            Decimal(row["quarantined_amount"]),
            {name: Decimal(row[name]) for name in (*STEPS, *BESIDE)},
        )
        for row in rows
    ]
