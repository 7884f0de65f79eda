"""The MBG/NBD model of Batislam, Denizel and Filiztekin, Empirical validation and comparison of models for customer
base analysis, International Journal of Research in Marketing 24 (2007).
"""

from __future__ import annotations

from typing import ClassVar

from patron.predict.models.beta_geometric import BetaGeometric


class MBGNBD(BetaGeometric):
    """A customer may stop after each purchase, the first one included: one-time buyers may have left.

    >>> import numpy as np
    >>> model = MBGNBD.from_params({"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614})
    >>> np.round(model.probability_alive(frequency=[0, 0], recency=[0, 0], age=[1, 39]), 2)
    array([0.63, 0.39])
    """

    name: ClassVar[str] = "MBG/NBD"
    first_coin: ClassVar[int] = 1
