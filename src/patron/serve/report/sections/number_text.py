"""Number formats of a report, beyond the shop's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.project.number_format import Formats
    from patron.serve.report.queries.figures import Writer


def price(formats: Formats) -> Writer:
    """Return a format for amounts, with cents below 100."""
    return lambda amount: formats.money(amount, cents=amount is not None and abs(amount) < 100)


def absolute_amount(formats: Formats) -> Writer:
    """Return a format for amounts without a sign, for sentences that state the direction in words."""
    return lambda amount: formats.money(None if amount is None else abs(amount))


def signed_amount(formats: Formats) -> Writer:
    """Return a format for amounts that always shows the sign, + included."""
    return lambda amount: ("+" if amount is not None and round(amount) > 0 else "") + formats.money(amount)


def share(formats: Formats) -> Writer:
    """Return a format for shares of 0 to 1 as a percentage, with one decimal below 1% and above 99%."""

    def write(rate: float | None) -> str:
        if rate is not None and 0 < rate < 0.001:
            return f"<{formats.share(0.001, digits=1)}"
        return formats.share(rate, digits=int(rate is not None and (0 < rate < 0.01 or 0.99 < rate < 1)))

    return write


def exact_share(formats: Formats) -> Writer:
    """Return a format for rates of 0 to 1 as a percentage with one decimal."""
    return lambda rate: formats.share(rate, digits=1)


def count_or_none(formats: Formats) -> Writer:
    """Return a format for counts within a sentence: 0 is "none"."""
    return lambda count: "none" if count == 0 else formats.count(count)
