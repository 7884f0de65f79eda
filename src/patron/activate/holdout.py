"""Who of an audience is kept aside at random, so that what a campaign did can be measured."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def held_out(audience: str, customer_ids: Iterable[str], share: float, seed: int) -> list[bool]:
    """Whether each customer is kept aside: with the probability `share`, each for themselves.

    A customer's lot hangs on the audience's name, their id and the seed alone: not on who else is in the audience, on
    order or on day. So a list that is made again holds the same people back, and two audiences draw independently.
    """
    start = hashlib.blake2b(f"{seed}\n{audience}\n".encode(), digest_size=8)
    below = round(share * 2**64)
    return [_lot(start, customer_id) < below for customer_id in customer_ids]


def _lot(start: hashlib.blake2b, customer_id: str) -> int:
    """A number from 0 to 2^64, every one as likely."""
    lot = start.copy()
    lot.update(customer_id.encode())
    return int.from_bytes(lot.digest(), "big")
