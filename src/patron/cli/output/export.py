"""The results of exports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from patron.cli.output.console import say
from patron.errors import pluralize

if TYPE_CHECKING:
    from patron.publish.destinations import Export


def print_export(done: Export) -> None:
    """Print what was written, what was up to date already, and which columns were left out."""
    as_of = f" as of {done.as_of}" if done.as_of else ""
    if not done.is_new:
        say(f"The {done.kind} {done.schema} is up to date{as_of}; --force writes it again.")
        return
    rows = f"{pluralize(sum(done.loaded.values()), 'row')} in {pluralize(len(done.loaded), 'table')}"
    unchanged = f"; {pluralize(len(done.unchanged), 'table')} had not changed" if done.unchanged else ""
    say(f"Wrote {rows} to the {done.kind} {done.schema}{as_of}{unchanged}.")
    if done.views:
        say(f"Views: {', '.join(done.views)}.")
    if done.left_out:
        listed = ", ".join(done.left_out)
        say(f"Left out as personal: {listed}. To include them, set `publish: {{personal: true}}` in patron.yaml.")


def print_star(rows: Mapping[str, int], folder: Path) -> None:
    """Print what was written, and where to."""
    say(f"Wrote {pluralize(sum(rows.values()), 'row')} in {pluralize(len(rows), 'table')} to {folder}.")
