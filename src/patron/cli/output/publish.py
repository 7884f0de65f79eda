"""How a publish to PostgreSQL looks on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.cli.output.console import say

if TYPE_CHECKING:
    from patron.publish.postgres.publish import Publication


def published(done: Publication) -> None:
    """What was written, what was there already, and what was left out."""
    as_of = f", as of {done.as_of}" if done.as_of else ""
    if not done.is_new:
        say(f"The schema {done.schema} holds this snapshot already{as_of}; --anew writes it again.")
        return
    rows = f"{sum(done.loaded.values()):,} rows in {len(done.loaded)} tables"
    there = f"; {len(done.unchanged)} tables had not changed" if done.unchanged else ""
    say(f"Wrote {rows} to the schema {done.schema}{as_of}{there}.")
    say(f"Views: {', '.join(done.views)}.")
    if done.left_out:
        listed = ", ".join(done.left_out)
        say(f"Left out as personal: {listed}; `publish: {{personal: true}}` in patron.yaml lets them in.")
