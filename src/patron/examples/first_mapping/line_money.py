"""The money of order lines: price or total, discount or rate, of the line or of its order."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from patron.examples.first_mapping.levels import Lines
from patron.examples.first_mapping.mapped import Mapped, map_number, to_decimal
from patron.examples.first_mapping.money_tests import (
    ENOUGH,
    Floats,
    Identity,
    choose_steadier,
    find_identity,
    is_rate,
)
from patron.examples.first_mapping.questions import UNKNOWN, Choice, Question
from patron.examples.first_mapping.tables import Table
from patron.ingest.profile.values import Values

_DECIMALS_OF_RATE = "decimal(9, 6)"
_DECIMALS_OF_QUANTITY = "decimal(9, 3)"


@dataclass
class LineMoney:
    """The columns of a table from which its lines get their money.

    place: of the mapping's columns in patron.yaml. net: what the lines come to by the chosen reading, for comparisons
    with totals of orders; None while a question is open. columns: canonical column -> value or question.
    """

    table: Table
    place: str
    lines: Lines
    quantity: Values | None
    product: Values | None
    price: Values | None = None
    total: Values | None = None
    discounts: list[Values] = field(default_factory=list)
    is_after_discounts: bool = False
    catalogue_price: Mapped | None = None
    net: Floats | None = None
    columns: dict[str, Mapped | Question] = field(default_factory=dict)

    def read(self) -> None:
        """Choose a reading of price, total and discount, and fill `columns`."""
        if self.price is not None and self.total is not None:
            self._read_price_and_total()
        elif self.total is not None:
            self._read_total()
        elif self.price is not None:
            self._read_price()
        else:
            self._map_quantity()
            self.columns["unit_price"] = self._ask_for_a_price()

    @cached_property
    def pieces(self) -> Floats:
        """The quantity of each row; 1 where the table has none."""
        count = len(next(iter(self.table.columns.values()))) if self.table.columns else 0
        return np.ones(count) if self.quantity is None else self.quantity.floats

    @property
    def has_quantities(self) -> bool:
        """Whether any line has more or less than one piece, so that a price and a total differ."""
        return bool((np.nan_to_num(self.pieces, nan=1.0) != 1).any())

    @cached_property
    def discount(self) -> Values | None:
        """The only discount of lines; None if there is none, or several."""
        return self.discounts[0] if len(self.discounts) == 1 else None

    def _get_price(self) -> Values:
        assert self.price is not None
        return self.price

    def _get_total(self) -> Values:
        assert self.total is not None
        return self.total

    def _map_quantity(self) -> None:
        if self.quantity is not None:
            self.columns["quantity"] = map_number(self.quantity)

    def _read_price_and_total(self) -> None:
        price, total = self._get_price(), self._get_total()
        off = None if self.discount is None else self.discount.floats
        identity = find_identity(self.pieces, price.floats, total.floats, off)
        if len(self.discounts) > 1 or identity.share < ENOUGH:
            self._ask_price_or_total(identity)
            return
        self._map_quantity()
        is_before_discount = identity.discount is None and self.discount is not None and _has_values(self.discount)
        if is_before_discount or (identity.discount is None and identity.share < 1):
            self.columns["unit_price"] = map_number(price)
            self.columns["stated_amount"] = map_number(total, why="kept beside quantity x unit_price")
            self.net = self.pieces * price.floats
            self._map_discount_of_price()
            return
        self.columns["line_amount"] = map_number(total, why=_explain(identity))
        self.columns["unit_price"] = map_number(price)
        self.net = total.floats
        if identity.discount is not None and self.discount is not None:
            self._map_deduction(identity, self.discount)

    def _map_deduction(self, identity: Identity, discount: Values) -> None:
        """Map a discount whose part in the total is proven."""
        gross = self._write_gross()
        if identity.discount == "amount":
            self.columns["line_discount_amount"] = self._map_positive(discount)
        elif identity.discount == "amount of a piece" and (each := to_decimal(discount)) and self.quantity is not None:
            self.columns["line_discount_amount"] = Mapped(f"{self._write_quantity()} * {each}")
        elif gross is not None and (rate := self._write_rate(discount, is_percent=identity.discount == "percent")):
            self.columns["line_discount_amount"] = Mapped(f"{gross} * {rate}", why="a share of the price")

    def _read_price(self) -> None:
        price = self._get_price()
        if self.has_quantities and self.product is not None:
            each, of_total = price.floats, price.floats / self.pieces
            if choose_steadier(self.product.codes, each, of_total) == "other":
                self._ask_whether_total(price)
                return
        self._map_quantity()
        self.columns["unit_price"] = map_number(price)
        self.net = self.pieces * price.floats
        self._map_discount_of_price()

    def _map_discount_of_price(self) -> None:
        """Map what is deducted from quantity x price: a rate, an amount, or a question."""
        for discount in self.discounts[:1]:
            self._map_one_discount(discount)
        if len(self.discounts) > 1 and all(not _looks_like_rate(one, self.price) for one in self.discounts):
            parts = [to_decimal(one) for one in self.discounts]
            if all(parts):
                summed = " + ".join(f"abs(coalesce({part}, 0))" for part in parts)
                self.columns["line_discount_amount"] = Mapped(summed)
                self._deduct(
                    sum((np.abs(np.nan_to_num(one.floats)) for one in self.discounts), np.zeros(len(self.pieces)))
                )

    def _map_one_discount(self, discount: Values) -> None:
        reading = discount.numbers
        is_percent = reading is not None and (
            reading.is_percent or "%" in discount.name or "percent" in discount.name.lower()
        )
        rate = True if is_percent else is_rate(discount.floats, self._get_price().floats)
        gross, share = self._write_gross(), self._write_rate(discount, is_percent=is_percent)
        if rate is None or (rate and (gross is None or share is None)):
            self.columns["line_discount_amount"] = self._ask_rate_or_amount(discount, gross, share)
            self.net = None
        elif rate:
            self.columns["line_discount_amount"] = Mapped(f"{gross} * {share}", why="a share of the price")
            self._deduct(self.pieces * self._get_price().floats * discount.floats * (0.01 if is_percent else 1))
        else:
            self.columns["line_discount_amount"] = self._map_positive(discount)
            self._deduct(np.abs(discount.floats))

    def _deduct(self, amounts: Floats) -> None:
        if self.net is not None:
            self.net = self.net - np.nan_to_num(amounts)

    def _read_total(self) -> None:
        total = self._get_total()
        if self.is_after_discounts:
            self._map_quantity()
            self.columns["line_amount"] = map_number(total, why="after the discount")
            self.columns["line_discount_amount"] = self._map_positive(self.discounts[0])
            self.net = total.floats
            return
        if self.has_quantities and self.product is not None and not self.discounts:
            each = choose_steadier(self.product.codes, total.floats, total.floats / self.pieces)
            if each == "one":
                self._ask_whether_total(total)
                return
        self._map_quantity()
        if not any(_has_values(one) for one in self.discounts):
            self.columns["line_amount"] = map_number(total)
            self.net = total.floats
            return
        self._read_total_with_discounts(total)

    def _read_total_with_discounts(self, total: Values) -> None:
        """Find whether a total is before or after its discounts, by the steadier price of a product."""
        rates = [_looks_like_rate(one, None) for one in self.discounts]
        off = sum((np.abs(np.nan_to_num(one.floats)) for one in self.discounts), np.zeros(len(self.pieces)))
        is_of_rate = len(self.discounts) == 1 and rates[0]
        before = total.floats / (1 - np.where(off < 1, off, np.nan)) if is_of_rate else total.floats + off
        found = None
        if self.product is not None and (is_of_rate or not all(rates)):
            found = choose_steadier(self.product.codes, before / self.pieces, total.floats / self.pieces)
        amounts = [to_decimal(one) for one in self.discounts]
        deducted = self._write_deducted(total, amounts, is_of_rate)
        if found == "one":
            self.columns["line_amount"] = map_number(total, why="after the discount: prices are steadier so")
            self.net = total.floats
            if not is_of_rate and all(amounts):
                self.columns["line_discount_amount"] = Mapped(" + ".join(f"abs(coalesce({one}, 0))" for one in amounts))
        elif found == "other" and deducted is not None:
            self.columns["line_amount"] = Mapped(deducted, why="the total is before the discount")
            self.net = total.floats * (1 - off) if is_of_rate else total.floats - off
        else:
            self.columns["line_amount"] = self._ask_before_or_after(total, deducted)

    def _write_deducted(self, total: Values, amounts: list[str | None], is_of_rate: bool) -> str | None:
        whole = to_decimal(total)
        if whole is None or not all(amounts):
            return None
        if is_of_rate:
            return f"{whole} * (1 - {self._write_rate(self.discounts[0], is_percent=False)})"
        return " - ".join([whole, *(f"abs(coalesce({one}, 0))" for one in amounts)])

    def _write_gross(self) -> str | None:
        price = None if self.price is None else to_decimal(self.price)
        if price is None:
            return None
        return price if self.quantity is None else f"{self._write_quantity()} * {price}"

    def _write_quantity(self) -> str:
        assert self.quantity is not None
        return to_decimal(self.quantity, _DECIMALS_OF_QUANTITY) or UNKNOWN

    def _write_rate(self, discount: Values, *, is_percent: bool) -> str | None:
        rate = to_decimal(discount, _DECIMALS_OF_RATE)
        return f"{rate} * 0.01" if rate and is_percent else rate

    def _map_positive(self, discount: Values) -> Mapped:
        """Map a discount as a positive number, however it is written."""
        known = discount.floats[~np.isnan(discount.floats)]
        amount = to_decimal(discount)
        if len(known) and known.min() < 0 and amount is not None:
            return Mapped(f"abs({amount})", why="written as a negative number")
        if len(known) and known.min() < 0:
            return self._map_deducted_text(discount)
        return map_number(discount)

    def _map_deducted_text(self, discount: Values) -> Mapped:
        """Map negative discounts in parentheses or with a minus behind: the text without them."""
        from patron.examples.first_mapping.mapped import quote

        name = quote(discount.name)
        bare = f"replace(replace(replace({name}, '(', ''), ')', ''), '-', '')"
        is_deducted = f"{name} like '%(%' or {name} like '%-%'"
        reading = discount.numbers
        fmt = (reading.format,) if reading is not None and reading.format else ()
        return Mapped(f"case when {is_deducted} then {bare} else '0' end", fmt, "written as a negative number")

    def _ask_for_a_price(self) -> Question:
        text = f"{self.table.name} has no price and no amount. What is a line worth?"
        choices = [Choice("1 each, so that patron counts pieces instead of money", "unit_price: '1'")]
        if self.catalogue_price is not None:
            label = "the price of its product in the catalogue, as it is today"
            choices.insert(0, Choice(label, f"unit_price: {self.catalogue_price.write()}"))
        return Question(self.place, text, tuple(choices), f"unit_price: {UNKNOWN}")

    def _ask_whether_total(self, amount: Values) -> Question:
        mapped = map_number(amount).write()
        what = (
            "goes with the quantity as a total would"
            if amount is self.price
            else "does not grow with the quantity, as a total would"
        )
        text = (
            f'Is "{amount.name}" the price of a piece or the total of the line? By its header the one, yet it {what}.'
        )
        choices = (
            Choice("the price of one piece", f"unit_price: {mapped}"),
            Choice("the total of the line", f"line_amount: {mapped}"),
        )
        self._map_quantity()
        question = Question(self.place, text, choices, f"unit_price: {UNKNOWN}")
        self.columns["unit_price"] = question
        return question

    def _ask_price_or_total(self, identity: Identity) -> None:
        price, total = self._get_price(), self._get_total()
        text = (
            f'Which counts, "{price.name}" or "{total.name}"? The total follows from quantity and price on '
            f"{identity.share:.0%} of the lines only."
        )
        choices = (
            Choice("quantity x price", f"unit_price: {map_number(price).write()}"),
            Choice("the total, after every discount", f"line_amount: {map_number(total).write()}"),
        )
        self._map_quantity()
        self.columns["unit_price"] = Question(self.place, text, choices, f"unit_price: {UNKNOWN}")

    def _ask_rate_or_amount(self, discount: Values, gross: str | None, share: str | None) -> Question:
        text = f'Is "{discount.name}" a share of the price, or an amount? Its values, up to 1, may be either.'
        choices = [Choice("an amount off the line", f"line_discount_amount: {map_number(discount).write()}")]
        if gross and share:
            choices.insert(
                0, Choice("a share of the price", f"line_discount_amount: {Mapped(f'{gross} * {share}').write()}")
            )
        return Question(self.place, text, tuple(choices), f"line_discount_amount: {UNKNOWN}")

    def _ask_before_or_after(self, total: Values, deducted: str | None) -> Question:
        names = " and ".join(f'"{one.name}"' for one in self.discounts)
        text = f'Is "{total.name}" before or after {names}? The values do not say.'
        choices = [Choice("after: it is what was paid", f"line_amount: {map_number(total).write()}")]
        if deducted:
            choices.append(Choice("before", f"line_amount: {Mapped(deducted).write()}"))
        return Question(self.place, text, tuple(choices), f"line_amount: {UNKNOWN}")


def _has_values(values: Values) -> bool:
    return bool((np.nan_to_num(values.floats) != 0).any())


def _looks_like_rate(discount: Values, price: Values | None) -> bool:
    return is_rate(discount.floats, None if price is None else price.floats) is not False


def _explain(identity: Identity) -> str:
    words = {
        None: "quantity x price",
        "rate": "quantity x price less the share",
        "percent": "quantity x price less the percentage",
        "amount": "quantity x price less the discount",
        "amount of a piece": "quantity x (price less discount)",
    }
    return f"it is {words[identity.discount]} on {identity.share:.0%} of the lines"
