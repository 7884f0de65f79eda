"""Questions of `patron init` in a terminal: a number answers, Enter leaves the question for patron.yaml."""

from __future__ import annotations

import typer

from patron.cli.output.questions import ask
from patron.examples.first_mapping.questions import Choice, Question

QUESTION = Question("sources.s", "Which?", (Choice("one", "a: 1"), Choice("two", "a: 2")), "a: CHANGE_ME")


def answer(monkeypatch, *given):
    words = iter(given)
    monkeypatch.setattr(typer, "prompt", lambda *_, **__: next(words))
    return ask(QUESTION)


def test_a_number_is_the_choice_of_that_place(monkeypatch):
    assert answer(monkeypatch, "2") == 1


def test_what_is_no_choice_is_asked_again(monkeypatch):
    assert answer(monkeypatch, "3", "two", "0", " 1 ") == 0


def test_enter_leaves_it_open(monkeypatch):
    assert answer(monkeypatch, "") is None
