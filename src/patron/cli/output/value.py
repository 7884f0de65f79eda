"""The result of `patron value`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.cli.output.console import say
from patron.errors import pluralize

if TYPE_CHECKING:
    from patron.predict.orders_file import Valuation

_LEFT_OUT = {"guests": "without a customer", "undated": "without a time", "unpriced": "without an amount"}


def print_valuation(done: Valuation) -> None:
    """Print what was read, fitted, predicted and written."""
    seconds = sum(done.seconds.values())
    say(f"Read {done.rows:,} orders in {seconds:.1f} s, measured as of {done.as_of_date}.")
    counts = {why: getattr(done.left_out, name) for name, why in _LEFT_OUT.items()}
    left_out = [f"{count:,} {why}" for why, count in counts.items() if count]
    if done.left_out.later:
        left_out.append(f"{done.left_out.later:,} after that day")
    if left_out:
        say(f"Left out: orders {', '.join(left_out)}.")
    if done.not_buyers:
        customers = pluralize(done.not_buyers, "customer")
        say(f"No prediction for {customers} who kept nothing they paid for (refunds or free orders only).")
    cells = "exact" if done.exact else "binned by at most 1.6%"
    parameters = ", ".join(f"{name} {number:.4g}" for name, number in done.parameters.items())
    say(f"Fitted {done.model} ({parameters}) on {done.cells:,} cells, {cells}.")
    for note in done.notes:
        say(note)
    if done.totals:
        purchases, margin = done.totals["expected_purchases_365d"], done.totals["predicted_clv_1y"]
        say(f"Forecast for the next year: {purchases:,.0f} purchase days, and a margin of {margin:,.0f}.")
    say(f"Wrote {pluralize(done.customers, 'customer')} to {done.to}.")
