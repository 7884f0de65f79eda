"""Packs an order into one integer of customer, day and amount, so that sorting integers groups orders.

Sorting 10^8 integers takes a processor with wide registers 3 seconds; a hash table of as many customer-days takes
half a minute, most of it waiting for memory.
"""

from __future__ import annotations

from dataclasses import dataclass

_BITS = 63
_LEAST_AMOUNT_BITS = 16


@dataclass(frozen=True)
class Packing:
    """The layout of a packed order: the bits of days and amounts. lowest: the amount, in units, that is packed as 0.

    Amounts beyond what their bits hold are packed as the nearest that they do hold; `holds_all` says whether there are
    such amounts, the rest of which has to be added elsewhere.
    """

    day_bits: int
    amount_bits: int
    lowest: int
    holds_all: bool

    @classmethod
    def of(cls, codes: int, days: int, least: int, most: int) -> Packing | None:
        """Choose a packing for codes and days below these, and amounts from `least` to `most`; None if none fits."""
        day_bits = max(days - 1, 1).bit_length()
        free = _BITS - day_bits - max(codes - 1, 1).bit_length()
        if free < _LEAST_AMOUNT_BITS:
            return None
        wanted = (max(most, 0) - min(least, 0)).bit_length()
        if wanted <= free:
            return cls(day_bits, max(wanted, 1), min(least, 0), holds_all=True)
        return cls(day_bits, free, max(min(least, 0), -(1 << free) // 4), holds_all=False)

    @property
    def highest(self) -> int:
        """Return the largest amount that is packed exactly, in units."""
        return self.lowest + (1 << self.amount_bits) - 1

    @property
    def customer_shift(self) -> int:
        """Return the number of bits to the right of the customer."""
        return self.day_bits + self.amount_bits

    def sql(self, code: str, day: str, units: str) -> str:
        """Return SQL of the packed integer."""
        held = units if self.holds_all else f"least(greatest({units}, {self.lowest}), {self.highest})"
        return f"({code} << {self.customer_shift}) | ({day} << {self.amount_bits}) | ({held} - {self.lowest})"

    def rest_sql(self, units: str) -> str:
        """Return SQL of the remainder of an amount that is not packed."""
        return f"({units} - least(greatest({units}, {self.lowest}), {self.highest}))"
