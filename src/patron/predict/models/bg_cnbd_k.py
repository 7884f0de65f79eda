"""The BG/CNBD-k model of Reutterer, Platzer and Schroeder, Leveraging purchase regularity for predicting customer
behavior the easy way, International Journal of Research in Marketing 38 (2021).
"""

from __future__ import annotations

from typing import ClassVar

from patron.predict.models.regular_geometric import RegularGeometric


class BGCNBDK(RegularGeometric):
    """A customer buys at Erlang-k intervals, and may stop after each repeat purchase, as in the BG/NBD.

    >>> model = BGCNBDK.from_params({"k": 3, "r": 0.85, "alpha": 1.45, "a": 0.79, "b": 2.42})
    >>> round(float(model.probability_alive(frequency=0, recency=0, age=52)), 2)
    1.0
    """

    name: ClassVar[str] = "BG/CNBD-k"
    first_coin: ClassVar[int] = 0
