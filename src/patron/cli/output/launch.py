"""What `patron up` started, and what `patron down` stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.cli.output.console import say
from patron.cli.output.run import print_run

if TYPE_CHECKING:
    from patron.launch.launch import Launched


def print_launched(launched: Launched) -> None:
    """Print the run, if there was one, what runs now, and the dashboard's address."""
    if launched.report is not None:
        print_run(launched.report)
    for name, what in launched.services.items():
        say(f"The {name} runs: {what}.")
    say(f"The dashboard is at {launched.url}. To stop: patron down")


def print_stopped(names: list[str]) -> None:
    """Print what was stopped."""
    say(f"Stopped: {', '.join(names)}." if names else "Nothing was running.")
