"""Asks a person, in the terminal, what files leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from patron.cli.output.console import say

if TYPE_CHECKING:
    from patron.examples.first_mapping.questions import Question


def ask(question: Question) -> int | None:
    """Ask for the number of a choice; Enter alone leaves the question open, as does a question without choices."""
    say(f"\n{question.text}")
    for number, choice in enumerate(question.choices, start=1):
        say(f"  {number}. {choice.label}")
    if not question.choices:
        return None
    while True:
        given = typer.prompt("Number, or Enter to answer later in patron.yaml", default="", show_default=False).strip()
        if not given:
            return None
        if given.isdecimal() and 1 <= int(given) <= len(question.choices):
            return int(given) - 1
        say(f"  a number from 1 to {len(question.choices)}")
