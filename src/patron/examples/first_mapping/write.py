"""Writes a draft as patron.yaml, with what the files do not say as questions at its top."""

from __future__ import annotations

import json
from collections.abc import Iterator

from patron.examples.first_mapping.draft import ProjectDraft
from patron.examples.first_mapping.mapped import EntityDraft, Mapped, SourceDraft, write_scalar
from patron.examples.first_mapping.questions import UNKNOWN, Answer, Question

_CLOSING = """\
clv:
  gross_margin: 0.3       # the share of revenue that is yours to keep

churn:
  window_days: 90         # no order for longer than this: churned
"""


class _Writer:
    """Writes lines, asking each question once. open: the questions that nobody answered."""

    def __init__(self, answer: Answer) -> None:
        self._answer, self._answers = answer, dict[str, int | None]()
        self.open: list[Question] = []

    def line_of(self, name: str, mapped: Mapped | Question) -> str:
        """Write the line of a canonical column: its value, or the answer to its question."""
        if isinstance(mapped, Mapped):
            why = f"   # {mapped.why}" if mapped.why else ""
            return f"{name}: {mapped.write()}{why}"
        return self.answered(mapped)

    def answered(self, question: Question) -> str:
        """Write the line that answers a question; the open one, without an answer."""
        if question.text not in self._answers:
            self._answers[question.text] = self._answer(question)
        chosen = self._answers[question.text]
        if chosen is not None:
            return question.choices[chosen].line
        self.open.append(question)
        return question.open_line


def write_settings(draft: ProjectDraft, data: str, answer: Answer) -> tuple[str, int]:
    """Write patron.yaml; return it with the number of open questions.

    data: the setting of that name. answer: asks a person, or leaves questions open.
    """
    writer = _Writer(answer)
    sources = [line for source in draft.sources for line in _write_source(source, writer)]
    orders = list(_write_orders(draft, writer))
    said = f"currency: {draft.currency or 'USD'}" + ("" if draft.currency else "           # the files do not say")
    shop = ["shop:", "  name: My shop", f"  {said}", "  timezone: UTC", ""]
    place = f"data: {json.dumps(data, ensure_ascii=False)}"
    head = [*_write_questions(writer.open), *_write_notes(draft)]
    body = [*shop, place, "", "sources:", *sources, *orders, _CLOSING]
    return "\n".join([*head, *body]), len(writer.open)


def write_sources(draft: ProjectDraft, answer: Answer) -> tuple[str, int]:
    """Write the sources of a draft alone, to go with others; return them with the number of open questions."""
    writer = _Writer(answer)
    lines = [line for source in draft.sources for line in _write_source(source, writer)]
    return "".join(f"{line}\n" for line in lines), len(writer.open)


def _write_questions(questions: list[Question]) -> Iterator[str]:
    yield "# A first mapping of your files, by their headers and values. Look it over, then: patron doctor"
    if not questions:
        return
    yield "#"
    yield f"# QUESTIONS that the files leave open. Each is answered by one line below, in which {UNKNOWN} stands now."
    for number, text in enumerate(dict.fromkeys(question.text for question in questions), start=1):
        yield f"# {number}. {text}"
        for question in (one for one in questions if one.text == text):
            yield f"#    in {question.place}, for {question.open_line}"
            yield from (f"#    - {choice.label}:   {choice.line}" for choice in question.choices)


def _write_notes(draft: ProjectDraft) -> Iterator[str]:
    if draft.notes or draft.ignored:
        yield "#"
    yield from (f"# Note: {note}" for note in draft.notes)
    yield from (f"# Left out: {name} ({why})" for name, why in draft.ignored.items())


def _write_source(source: SourceDraft, writer: _Writer) -> Iterator[str]:
    yield f"  {source.name}:"
    yield from (f"    # {note}" for note in source.notes)
    files = [json.dumps(pattern, ensure_ascii=False) for pattern in source.patterns]
    yield f"    files: {files[0] if len(files) == 1 else '[' + ', '.join(files) + ']'}"
    if source.null_values:
        yield f"    null_values: [{', '.join(json.dumps(word, ensure_ascii=False) for word in source.null_values)}]"
    if source.lookups:
        yield "    lookups:"
        for name, on in source.lookups.items():
            value = on if on.startswith("{") else write_scalar(on, in_braces=True)
            yield f'      {name}: {{"on": {value}}}'
    if source.entities:
        yield "    entities:"
        for entity in source.entities:
            yield from _write_entity(entity, writer)
    if source.unmapped:
        yield f"    # not mapped: {', '.join(' '.join(name.split()) for name in source.unmapped)}"
    yield ""


def _write_entity(entity: EntityDraft, writer: _Writer) -> Iterator[str]:
    yield f"      {entity.entity}:"
    if entity.explode:
        yield f"        explode: {write_scalar(entity.explode)}   # a row for each element"
    if entity.has_shared_orders:
        yield "        namespace: {order_id: shop}"
    if entity.where:
        yield f"        where: {write_scalar(entity.where)}"
    if entity.fill_down:
        yield f"        fill_down: [{', '.join(entity.fill_down)}]   # written on an order's first row only"
    yield "        columns:"
    yield from (f"          {writer.line_of(name, mapped)}" for name, mapped in entity.columns.items())


def _write_orders(draft: ProjectDraft, writer: _Writer) -> Iterator[str]:
    if draft.statuses is None and draft.tax is None and draft.amount is None:
        return
    yield "orders:"
    if isinstance(draft.statuses, Question):
        yield f"  {writer.answered(draft.statuses)}"
    elif draft.statuses is not None:
        listed = ", ".join(write_scalar(text, in_braces=True) for text in draft.statuses)
        yield f"  spend_statuses: [{listed}]"
    if isinstance(draft.tax, Question):
        yield f"  {writer.answered(draft.tax)}"
    elif draft.tax is not None:
        yield f"  tax: {draft.tax}   # the totals of orders say so"
    if draft.amount is not None:
        yield f"  amount: {draft.amount}"
    yield ""
