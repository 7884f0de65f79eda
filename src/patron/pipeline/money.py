"""The money of a shop's sources: from their raw totals to net revenue, and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from patron.contract.revenue_bridge import BESIDE, STEPS, list_steps

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse


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
        return list_steps(self.amounts)

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
