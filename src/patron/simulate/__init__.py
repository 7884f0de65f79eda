"""Synthetic shops of any size whose truth is known: for tests, benchmarks and demos of patron.

>>> from patron.simulate import ShopSpec, simulate_shop
>>> shop = simulate_shop(ShopSpec(customers=100, seed=7))
>>> shop.truth.num_rows
100
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patron.simulate.expectation import plan_shop
    from patron.simulate.files import write_shop
    from patron.simulate.shop import simulate_shop
    from patron.simulate.spec import ShopSpec

__all__ = ["ShopSpec", "plan_shop", "simulate_shop", "write_shop"]

_MODULES = {
    "ShopSpec": "patron.simulate.spec",
    "plan_shop": "patron.simulate.expectation",
    "simulate_shop": "patron.simulate.shop",
    "write_shop": "patron.simulate.files",
}


def __getattr__(name: str) -> Any:
    """Import numpy and pyarrow only when a name of this package is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_MODULES[name]), name)
