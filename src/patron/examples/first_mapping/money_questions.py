"""Questions about the money of order lines that no value answers."""

from __future__ import annotations

from patron.examples.first_mapping.mapped import Mapped, map_number
from patron.examples.first_mapping.questions import UNKNOWN, Choice, Question
from patron.ingest.profile.values import Values


def ask_for_a_price(place: str, table: str, catalogue_price: Mapped | None) -> Question:
    """Ask what a line without price and amount is worth. catalogue_price: what another table says, if any does."""
    choices = [Choice("1 each, so that patron counts pieces instead of money", "unit_price: '1'")]
    if catalogue_price is not None:
        label = "the price of its product in the catalogue, as it is today"
        choices.insert(0, Choice(label, f"unit_price: {catalogue_price.write()}"))
    text = f"{table} has no price and no amount. What is a line worth?"
    return Question(place, text, tuple(choices), f"unit_price: {UNKNOWN}")


def ask_rate_or_amount(place: str, discount: Values, gross: str | None, share: str | None) -> Question:
    """Ask whether a discount is a share or an amount. gross, share: in SQL; None where these cannot be written."""
    choices = [Choice("an amount off the line", f"line_discount_amount: {map_number(discount).write()}")]
    if gross and share:
        label = "a percentage of the price" if share.endswith("* 0.01") else "a share of the price"
        choices.insert(0, Choice(label, f"line_discount_amount: {Mapped(f'{gross} * {share}').write()}"))
    text = f'Is "{discount.name}" a share of the price, or an amount? Its values may be either.'
    return Question(place, text, tuple(choices), f"line_discount_amount: {UNKNOWN}")


def ask_what_it_is_off(place: str, name: str, off_line: Mapped, off_pieces: Mapped) -> Question:
    """Ask whether a discount is off the line or off each of its pieces."""
    choices = (
        Choice("off the line", f"line_discount_amount: {off_line.write()}"),
        Choice("off each piece", f"line_discount_amount: {off_pieces.write()}"),
    )
    text = f'Is "{name}" off the line, or off each of its pieces? The values do not say.'
    return Question(place, text, choices, f"line_discount_amount: {UNKNOWN}")
