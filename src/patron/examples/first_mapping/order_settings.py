"""Settings beside the mapping that files give away: the currency, and which statuses count as spend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from patron.examples.first_mapping.mapped import write_scalar
from patron.examples.first_mapping.questions import UNKNOWN, Choice, Question
from patron.examples.first_mapping.tables import Table

_SIGNS = {
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₽": "RUB",
    "₩": "KRW",
    "₺": "TRY",
    "₫": "VND",
    "₪": "ILS",
    "฿": "THB",
}
_OF_COLUMN = 1000
"""How much more a column of currencies says than a currency sign: $ is that of many."""


def find_currency(tables: list[Table]) -> tuple[str | None, str | None]:
    """Find the commonest currency of tables, and a note if there are several; None for what they do not say."""
    found: Counter[str] = Counter()
    for table in tables:
        if (column := table.find("currency")) is not None:
            values = table.columns[column]
            counted = zip(values.texts, values.counts, strict=True)
            found.update({text.upper(): int(count) * _OF_COLUMN for text, count in counted})
        for column in table.used & table.columns.keys():
            reading = table.columns[column].numbers
            if reading is not None and reading.sign in _SIGNS:
                found[_SIGNS[reading.sign]] += 1
    several = sorted(code for code, count in found.items() if count >= _OF_COLUMN)
    note = f"Orders are in several currencies ({', '.join(several)}), which patron never adds up: see exchange_rates."
    return (found.most_common(1)[0][0] if found else None), (note if len(several) > 1 else None)


def choose_statuses(spend: Iterable[str], unknown: Iterable[str]) -> tuple[str, ...] | Question | None:
    """Choose the statuses that count as spend, or ask about those that nobody knows; None without any."""
    statuses, others = tuple(dict.fromkeys(spend)), tuple(dict.fromkeys(unknown))
    if not others:
        return statuses or None
    listed = ", ".join(map(to_yaml, statuses))
    both = ", ".join(map(to_yaml, (*statuses, *(text.lower() for text in others))))
    choices = (
        Choice("none of these is spend", f"spend_statuses: [{listed}]"),
        Choice("all of these are spend", f"spend_statuses: [{both}]"),
    )
    text = f"Do orders with these statuses count as spend: {', '.join(others)}?"
    opened = f"spend_statuses: [{listed}{', ' if listed else ''}{UNKNOWN}]"
    return Question("orders", text, choices, opened)


def to_yaml(text: str) -> str:
    """Write a text inside a list or a mapping of YAML in one line."""
    return write_scalar(text, in_braces=True)
