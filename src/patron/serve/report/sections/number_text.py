"""Number formats of a report, beyond the shop's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.project.number_format import Formats
    from patron.serve.report.queries.figures import Writer


def price(formats: Formats) -> Writer:
    """An amount; a small one with its cents."""
    return lambda amount: formats.money(amount, cents=amount is not None and abs(amount) < 100)


def size(formats: Formats) -> Writer:
    """An amount without its sign, where a word says which way it went."""
    return lambda amount: formats.money(None if amount is None else abs(amount))


def signed(formats: Formats) -> Writer:
    """An amount with its sign, also where it is above zero."""
    return lambda amount: ("+" if amount is not None and round(amount) > 0 else "") + formats.money(amount)


def share(formats: Formats) -> Writer:
    """A share of a whole; a small one, or almost all, with a digit after the point."""

    def write(rate: float | None) -> str:
        if rate is not None and 0 < rate < 0.001:
            return f"<{formats.share(0.001, digits=1)}"
        return formats.share(rate, digits=int(rate is not None and (0 < rate < 0.01 or 0.99 < rate < 1)))

    return write


def exact_share(formats: Formats) -> Writer:
    """A rate with a digit after the point."""
    return lambda rate: formats.share(rate, digits=1)


def none_or(formats: Formats) -> Writer:
    """A count in a sentence."""
    return lambda count: "none" if count == 0 else formats.count(count)
