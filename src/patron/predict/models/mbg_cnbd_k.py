"""The MBG/CNBD-k model of Reutterer, Platzer and Schroeder, Leveraging purchase regularity for predicting customer
behavior the easy way, International Journal of Research in Marketing 38 (2021).
"""

from __future__ import annotations

from typing import ClassVar

from patron.predict.models.regular_geometric import RegularGeometric


class MBGCNBDK(RegularGeometric):
    """A customer buys at Erlang-k intervals, and may stop after each purchase, the first one included.

    Who is due is likelier to buy than who has just bought:

    >>> import numpy as np
    >>> model = MBGCNBDK.from_params({"k": 6, "r": 0.85, "alpha": 1.45, "a": 0.79, "b": 2.42})
    >>> np.round(model.probability_of_purchase(4, frequency=4, recency=[40, 50], age=50), 2)
    array([0.45, 0.02])
    """

    name: ClassVar[str] = "MBG/CNBD-k"
    first_coin: ClassVar[int] = 1
