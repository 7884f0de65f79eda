"""How the value of an orders table looks on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.cli.output.console import say

if TYPE_CHECKING:
    from patron.predict.orders_file import Valued

_LEFT_OUT = {"guests": "without a customer", "undated": "without a time", "unpriced": "without an amount"}


def valued(done: Valued) -> None:
    """What was read, fitted, expected and written."""
    seconds = sum(done.seconds.values())
    say(f"Read {done.rows:,} orders; measured at {done.as_of_date}, in {seconds:.1f} s.")
    told = [
        f"{getattr(done.left_out, name):,} {words}" for name, words in _LEFT_OUT.items() if getattr(done.left_out, name)
    ]
    if done.left_out.later:
        told.append(f"{done.left_out.later:,} after that day")
    if told:
        say(f"Left out: orders {', '.join(told)}.")
    if done.not_buyers:
        say(f"{done.not_buyers:,} customers have only refunds or free orders; nothing is predicted of them.")
    cells = "every one" if done.exact else "bins of at most 1.6%"
    parameters = ", ".join(f"{name} {number:.4g}" for name, number in done.parameters.items())
    say(f"{done.model} ({parameters}) fitted on {done.cells:,} cells, {cells}.")
    for note in done.notes:
        say(note)
    if done.totals:
        purchases, margin = done.totals["expected_purchases_365d"], done.totals["predicted_clv_1y"]
        say(f"Expected in the next year: {purchases:,.0f} purchase days, and a margin of {margin:,.0f}.")
    say(f"Wrote {done.customers:,} customers to {done.to}.")
