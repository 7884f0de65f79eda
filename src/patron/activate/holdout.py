"""The control group of an audience: held out at random, so that the effect of a campaign can be measured."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def draw_holdout(audience: str, customer_ids: Iterable[str], share: float, seed: int) -> list[bool]:
    """Draw the control group: for each customer in order, whether they are held out, with the probability `share`.

    The draw depends on the audience's name, the customer's id and the seed alone: not on who else is in the audience,
    on their order or on the day. So a list that is made again holds out the same customers, and two audiences draw
    independently.
    """
    start = hashlib.blake2b(f"{seed}\n{audience}\n".encode(), digest_size=8)
    below = round(share * 2**64)
    return [_hash(start, customer_id) < below for customer_id in customer_ids]


def _hash(start: hashlib.blake2b, customer_id: str) -> int:
    """Hash an id to a number from 0 to 2^64, uniformly."""
    state = start.copy()
    state.update(customer_id.encode())
    return int.from_bytes(state.digest(), "big")
