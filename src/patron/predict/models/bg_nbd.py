"""The BG/NBD model of Fader, Hardie and Lee, Counting Your Customers the Easy Way, Marketing Science 24 (2005)."""

from __future__ import annotations

from typing import ClassVar

from patron.predict.models.beta_geometric import BetaGeometric


class BGNBD(BetaGeometric):
    """A customer may stop after each repeat purchase, and never before the first one.

    So who bought once is alive with certainty, however long ago: take MBGNBD where that matters (most shops).

    >>> import numpy as np
    >>> model = BGNBD.from_params({"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259})
    >>> np.round(model.probability_alive(frequency=[0, 2, 2], recency=[0, 30, 5], age=[39, 39, 39]), 2)
    array([1.  , 0.72, 0.12])
    """

    name: ClassVar[str] = "BG/NBD"
    first_coin: ClassVar[int] = 0
