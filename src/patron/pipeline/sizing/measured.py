"""Loads what was measured: how the figures of a run follow from lines and customers, and how far off that may be."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Shop:
    """A size: order lines, and customers with an order."""

    lines: float
    customers: float


@dataclass(frozen=True)
class Range:
    """An estimate with what it may be at least and at most."""

    low: float
    likely: float
    high: float

    def times(self, factor: float) -> Range:
        """Multiply all three."""
        return Range(self.low * factor, self.likely * factor, self.high * factor)


@cache
def load_measured() -> dict[str, Any]:
    """Load measured.json, which benchmarks/coefficients.py writes."""
    text = resources.files("patron.pipeline.sizing").joinpath("measured.json").read_text(encoding="utf-8")
    measured: dict[str, Any] = json.loads(text)
    return measured


def predict(quantity: str, shop: Shop) -> float:
    """Predict a quantity: seconds, daily_seconds, memory_mb or disk_mb, on the machine that measured."""
    found = load_measured()["quantities"][quantity]
    return float(found["fixed"] + found["per_line"] * shop.lines + found["per_customer"] * shop.customers)


def estimate(quantity: str, shop: Shop) -> Range:
    """Estimate a quantity with its range: the worst error of a size that was left out, more for each decade beyond."""
    found, likely = load_measured()["quantities"][quantity], predict(quantity, shop)
    points = [point for point in load_measured()["points"] if quantity in point]
    factor = found["factor"] * found["factor_per_decade"] ** count_decades_beyond(shop, points)
    return Range(likely / factor, likely, likely * factor)


def count_decades_beyond(shop: Shop, points: list[dict[str, Any]]) -> float:
    """Count how many powers of ten a shop lies beyond what was measured, in lines, customers, or lines per customer."""
    measured = [(point["lines"], point["customers"], point["lines"] / point["customers"]) for point in points]
    asked = (shop.lines, shop.customers, shop.lines / shop.customers)
    return max(_beyond(value, column) for value, column in zip(asked, zip(*measured, strict=True), strict=True))


def _beyond(value: float, measured: tuple[float, ...]) -> float:
    return max(0.0, math.log10(value / max(measured)), math.log10(min(measured) / value))
