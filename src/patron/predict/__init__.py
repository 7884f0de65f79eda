"""Predictions: purchases and lifetime value, churn, clusters; and the sentiment of reviews.

>>> from patron.predict import BGNBD
>>> model = BGNBD.from_params({"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259})
>>> round(float(model.expected_purchases(39, frequency=2, recency=30.43, age=38.86)), 3)
1.226
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patron.predict.models.bg_bb import BGBB
    from patron.predict.models.bg_cnbd_k import BGCNBDK
    from patron.predict.models.bg_nbd import BGNBD
    from patron.predict.models.gamma_gamma import GammaGamma
    from patron.predict.models.lifetime_value import lifetime_value, spend_frequency_correlation
    from patron.predict.models.mbg_cnbd_k import MBGCNBDK
    from patron.predict.models.mbg_nbd import MBGNBD
    from patron.predict.models.pareto_ggg.model import ParetoGGG
    from patron.predict.models.pareto_nbd import ParetoNBD
    from patron.predict.models.shifted_beta_geometric import ShiftedBetaGeometric
    from patron.predict.models.spend_trend import spend_trend

__all__ = [
    "BGBB",
    "BGCNBDK",
    "BGNBD",
    "MBGCNBDK",
    "MBGNBD",
    "GammaGamma",
    "ParetoGGG",
    "ParetoNBD",
    "ShiftedBetaGeometric",
    "lifetime_value",
    "spend_frequency_correlation",
    "spend_trend",
]

_MODULES = {
    "BGBB": "patron.predict.models.bg_bb",
    "BGCNBDK": "patron.predict.models.bg_cnbd_k",
    "BGNBD": "patron.predict.models.bg_nbd",
    "MBGCNBDK": "patron.predict.models.mbg_cnbd_k",
    "MBGNBD": "patron.predict.models.mbg_nbd",
    "GammaGamma": "patron.predict.models.gamma_gamma",
    "ParetoGGG": "patron.predict.models.pareto_ggg.model",
    "ParetoNBD": "patron.predict.models.pareto_nbd",
    "ShiftedBetaGeometric": "patron.predict.models.shifted_beta_geometric",
    "lifetime_value": "patron.predict.models.lifetime_value",
    "spend_frequency_correlation": "patron.predict.models.lifetime_value",
    "spend_trend": "patron.predict.models.spend_trend",
}


def __getattr__(name: str) -> Any:
    """Import numpy and scipy only when a model is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_MODULES[name]), name)
