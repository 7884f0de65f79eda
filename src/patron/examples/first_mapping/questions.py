"""What the files do not say: questions with their choices, each answered by one line of patron.yaml."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from patron.project.settings.unanswered import UNKNOWN

__all__ = ["UNKNOWN", "Answer", "Choice", "Question", "leave_open"]


@dataclass(frozen=True)
class Choice:
    """One answer. label: what it says of the files. line: the line of patron.yaml that says so."""

    label: str
    line: str


@dataclass(frozen=True)
class Question:
    """A question about one line of patron.yaml.

    place: the line's key, such as sources.receipts.entities.order_lines.columns. open_line: the line without an answer;
    it holds UNKNOWN.
    """

    place: str
    text: str
    choices: tuple[Choice, ...]
    open_line: str


Answer = Callable[[Question], int | None]
"""Asks a person: the position of the choice, or None for a question left open."""


def leave_open(_: Question) -> None:
    """Answer nothing: nobody is there to ask."""
