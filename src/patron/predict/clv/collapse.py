"""Recognizes a purchase model that no longer tells who is still a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patron.predict.models.likelihood.arrays import Floats
    from patron.predict.models.purchase_model import PurchaseModel

NEAR_ONE, NEARLY_ALL = 0.99, 0.95
_OF_PURCHASES = {"r", "alpha", "k"}
"""Parameters of how often customers buy; the others are of how they leave."""


def find_collapse(model: PurchaseModel, x: Floats, last: Floats, now: Floats, customers: Floats) -> str:
    """Explain why P(alive) is not to be shown; empty if it may be.

    Where hardly anybody is seen to leave, the maximum of the likelihood lies at the edge of the parameters: dropout is
    next to nothing, P(alive) is 1 for everybody, and silence only means that somebody buys rarely. Numbers of purchases
    remain valid, but P(alive) says nothing about a customer. x, last, now, customers: cells, (cells,).
    """
    alive = model.probability_alive(x, last, now)
    share = float((alive > NEAR_ONE) @ customers / customers.sum())
    mean = float(alive @ customers / customers.sum())
    convergence = getattr(model, "convergence_", None)
    is_unknown = convergence is not None and bool(set(convergence.at_edge) - _OF_PURCHASES)
    if share < NEARLY_ALL and not (is_unknown and mean >= NEARLY_ALL):
        return ""
    return (
        f"P(alive) is not shown: {model.name} finds no sign that customers leave, and would put it at {mean:.1%} on "
        "average, however long they have been silent; who is at risk is told by the probability of a purchase"
    )
