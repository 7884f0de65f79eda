"""The result of `patron retention`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.cli.output.console import say
from patron.errors import pluralize

if TYPE_CHECKING:
    from patron.predict.subscriptions_file import Retention


def print_retention(done: Retention) -> None:
    """Print what was read, how many renew, as observed and by the model, and what was written."""
    say(f"Read {pluralize(done.rows, 'subscription')}, measured as of {done.as_of_date}; {done.active:,} are active.")
    left_out = [f"{count:,} {why}" for why, count in done.left_out.items() if count]
    if left_out:
        say(f"Left out: {', '.join(left_out)}.")
    parameters = ", ".join(
        f"{name} {number:.4g} ± {done.standard_errors[name]:.2g}" for name, number in done.parameters.items()
    )
    say(f"Fitted sBG ({parameters}).")
    for note in done.notes:
        say(note)
    say("Renewal  due      renewed  model   still there")
    for step in done.curve:
        observed = "-" if step.observed is None else f"{step.observed:.1%}"
        say(f"{step.renewal:>7}  {step.due:<7,}  {observed:>7}  {step.retention_rate:>6.1%}  {step.survival:>6.1%}")
    renewals = done.totals["expected_renewals"]
    worth = f", and a residual margin of {done.totals['residual_clv']:,.0f}" if "residual_clv" in done.totals else ""
    say(f"Forecast: {renewals:,.0f} renewals of active subscriptions within the horizon{worth}.")
    say(f"Wrote {pluralize(done.subscriptions, 'subscription')} to {done.to}.")
