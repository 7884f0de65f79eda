"""The money of order lines: price or total, discount or rate, of the line or of its order."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from patron.examples.first_mapping.levels import Lines
from patron.examples.first_mapping.mapped import Mapped, map_number, to_decimal
from patron.examples.first_mapping.money_questions import ask_for_a_price, ask_rate_or_amount, ask_what_it_is_off
from patron.examples.first_mapping.money_tests import (
    ENOUGH,
    Floats,
    Identity,
    choose_steadiest,
    find_identity,
    find_what_it_is_off,
    is_rate,
    may_be_percent,
)
from patron.examples.first_mapping.questions import UNKNOWN, Choice, Question
from patron.examples.first_mapping.tables import Table
from patron.examples.first_mapping.words import split_words
from patron.ingest.profile.values import Values

AMOUNT_WORDS = frozenset("amount betrag rabattbetrag montant importe valor value wert kwota importo bedrag".split())
"""Words of a header by which a discount is no share."""

_PERCENT_WORDS = frozenset("% percent pct percentage prozent pourcent porcentaje percentuale procent".split())
LINE_WORDS = frozenset("line lineitem total order cart positionsrabatt ligne linea linha riga regel".split())
_PIECE_WORDS = frozenset("unit each piece stuck unitaire unitario unidad unidade unitaria".split())
BEFORE = "before the discount"
_DECIMALS_OF_RATE = "decimal(9, 6)"
_DECIMALS_OF_QUANTITY = "decimal(9, 3)"


@dataclass
class LineMoney:
    """The columns of a table from which its lines get their money.

    place: of the mapping's columns in patron.yaml. is_after_discounts: whether another total proves that `total` is
    after the discount. is_proven, is_off_each_piece: whether totals of orders prove how the discount counts, and that
    it is off each piece. catalogue_price: what another table says that products cost. net: what the lines come to by
    the chosen reading, for comparisons with totals of orders; None while a question is open. columns: canonical
    column -> value or question.
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
    is_off_each_piece: bool = False
    is_proven: bool = False
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
            self.columns["unit_price"] = ask_for_a_price(self.place, self.table.name, self.catalogue_price)

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
            deducted = f"{gross} * {rate}"
            has_returns = bool((np.nan_to_num(self.pieces) < 0).any())
            written = f"greatest({deducted}, 0)" if has_returns else deducted
            self.columns["line_discount_amount"] = Mapped(written, why="a share of the price")

    def _read_price(self) -> None:
        price = self._get_price()
        if self.has_quantities and self.product is not None:
            readings = {"price": price.floats, "total": price.floats / self.pieces}
            if choose_steadiest(self.product.codes, readings) == "total":
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
        rate = self._find_rate(discount, self._get_price().floats)
        is_percent = self._is_percent(discount)
        is_above_one = bool(np.nanmax(np.abs(discount.floats), initial=0) > 1)
        is_of_hundred = is_percent and is_above_one
        gross, share = self._write_gross(), self._write_rate(discount, is_percent=is_of_hundred or is_above_one)
        if rate is None or (rate and (gross is None or share is None)):
            self.columns["line_discount_amount"] = ask_rate_or_amount(self.place, discount, gross, share)
            self.net = None
        elif rate:
            self._map_share(f"{gross} * {share}", f"{gross} * (1 - {share})")
            self._deduct(self.pieces * self._get_price().floats * discount.floats * (0.01 if is_of_hundred else 1))
        else:
            self._map_amount(discount)

    def _map_amount(self, discount: Values) -> None:
        """Map an amount off the line, or off each of its pieces; ask where it may be either."""
        words = set(split_words(discount.name).split())
        found = "line" if self.is_proven or words & LINE_WORDS else "piece" if words & _PIECE_WORDS else None
        if self.is_off_each_piece:
            found = "piece"
        found = found or find_what_it_is_off(discount.floats, self._get_price().floats, self.pieces)
        each = to_decimal(discount)
        off_pieces = None if each is None or self.quantity is None else f"{self._write_quantity()} * {each}"
        if found == "line" or off_pieces is None:
            self.columns["line_discount_amount"] = self._map_positive(discount)
            self._deduct(np.abs(discount.floats))
        elif found == "piece":
            self.columns["line_discount_amount"] = Mapped(off_pieces, why="off each piece")
            self._deduct(self.pieces * np.abs(discount.floats))
        else:
            self.columns["line_discount_amount"] = ask_what_it_is_off(
                self.place, discount.name, self._map_positive(discount), Mapped(off_pieces)
            )
            self.net = None

    def _map_share(self, deducted: str, rest: str) -> None:
        """Map a share of the price; of returned pieces, for which the contract knows no discount, only what is left."""
        if not (np.nan_to_num(self.pieces) < 0).any():
            self.columns["line_discount_amount"] = Mapped(deducted, why="a share of the price")
            return
        self.columns["line_amount"] = Mapped(rest, why="returned pieces come back at what was paid")
        self.columns["line_discount_amount"] = Mapped(f"greatest({deducted}, 0)", why="a share of the price")

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
            readings = {"price": total.floats, "total": total.floats / self.pieces}
            if choose_steadiest(self.product.codes, readings) == "price":
                self._ask_whether_total(total)
                return
        self._map_quantity()
        if not any(_has_values(one) for one in self.discounts):
            self.columns["line_amount"] = map_number(total)
            self.net = total.floats
            return
        self._read_total_with_discounts(total)

    def _read_total_with_discounts(self, total: Values) -> None:
        """Find whether a total is before or after its discounts, by the steadiest price of a product."""
        found = None
        if self.product is not None:
            found = choose_steadiest(self.product.codes, self._list_readings(total))
        if found is None or (found == BEFORE and (deducted := self._write_deducted(total)) is None):
            self.columns["line_amount"] = self._ask_before_or_after(total)
        elif found == BEFORE:
            self.columns["line_amount"] = Mapped(str(deducted), why="the total is before the discount")
        else:
            self.columns["line_amount"] = map_number(total, why="after the discount: prices are steadier so")
            self.net = total.floats
            amounts = [to_decimal(one) for one in self.discounts]
            if found == "after the amount" and all(amounts):
                self.columns["line_discount_amount"] = Mapped(" + ".join(f"abs(coalesce({one}, 0))" for one in amounts))

    def _list_readings(self, total: Values) -> dict[str, Floats]:
        """List the prices of a piece, if the total is before the discounts, or after them in one way or another."""
        off = sum((np.abs(np.nan_to_num(one.floats)) for one in self.discounts), np.zeros(len(self.pieces)))
        each = total.floats / self.pieces
        readings = {BEFORE: each, "after the amount": each + off / np.abs(self.pieces)}
        if len(self.discounts) > 1:
            return readings
        readings["after the amount of a piece"] = each + off
        if off.max() <= 1 and not self._has_sign(self.discounts[0]):
            readings["after the share"] = each / np.where(off < 1, 1 - off, np.nan)
        if may_be_percent(off) or (off.max() < 100 and self._is_percent(self.discounts[0])):
            readings["after the percentage"] = each / np.where(off < 100, 1 - off / 100, np.nan)
        if not self.has_quantities:
            del readings["after the amount of a piece"]
        return readings

    def _write_deducted(self, total: Values) -> str | None:
        """Write a total less its discounts; None where these may be shares as well as amounts."""
        whole, amounts = to_decimal(total), [to_decimal(one) for one in self.discounts]
        if whole is None or not all(amounts):
            return None
        if len(self.discounts) == 1:
            rate = self._find_rate(self.discounts[0], total.floats)
            if rate is None:
                return None
            if rate:
                is_percent = self._is_percent(self.discounts[0])
                return f"{whole} * (1 - {self._write_rate(self.discounts[0], is_percent=is_percent)})"
        elif any(_looks_like_rate(one, None) for one in self.discounts):
            return None
        return " - ".join([whole, *(f"abs(coalesce({one}, 0))" for one in amounts)])

    def _find_rate(self, discount: Values, amounts: Floats) -> bool | None:
        """Find whether a discount is a share, by sign, header and values; None where it may be an amount as well."""
        if self._is_percent(discount):
            return True
        if self._has_sign(discount):
            return False
        says_amount = bool(set(split_words(discount.name).split()) & AMOUNT_WORDS)
        if may_be_percent(discount.floats):
            return False if says_amount else None
        rate = is_rate(discount.floats, amounts)
        return None if rate and says_amount else rate

    @staticmethod
    def _has_sign(discount: Values) -> bool:
        return discount.numbers is not None and bool(discount.numbers.sign)

    @staticmethod
    def _is_percent(discount: Values) -> bool:
        is_written = discount.numbers is not None and discount.numbers.is_percent
        return is_written or bool(_PERCENT_WORDS & set(split_words(discount.name).split()))

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

    def _ask_before_or_after(self, total: Values) -> Question:
        names = " and ".join(f'"{one.name}"' for one in self.discounts)
        text = f'Is "{total.name}" before or after {names}? The values do not say.'
        choices = [Choice("after: it is what was paid", f"line_amount: {map_number(total).write()}")]
        whole, amounts = to_decimal(total), [to_decimal(one) for one in self.discounts]
        if whole and all(amounts):
            less = " - ".join([whole, *(f"abs(coalesce({one}, 0))" for one in amounts)])
            choices.append(Choice("before, and the discount is an amount", f"line_amount: {Mapped(less).write()}"))
        if whole and len(self.discounts) == 1 and _looks_like_rate(self.discounts[0], None):
            share = self._write_rate(self.discounts[0], is_percent=False)
            rest = Mapped(f"{whole} * (1 - {share})").write()
            choices.append(Choice("before, and the discount is a share", f"line_amount: {rest}"))
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
