"""From when customers seen for the first time are new, in plain Python, by the description of measures.wash_out."""

from __future__ import annotations

OLDER = "first-time buyers fall as in a shop that is older than its data"
EVEN = "first-time buyers do not fall as in a shop that is older than its data"
TOO_SHORT, TOO_FEW = "the data are too short to tell", "too few are first seen in the later half of the data to tell"


def find_wash_out(first_days: list[int], days: int) -> tuple[int | None, str]:
    """Return (wash_out_days, wash_out_reason). first_days: of each customer, counted from the first of the data."""
    half = days // 2
    later = sum(day >= half for day in first_days)
    if days < 180:
        return None, TOO_SHORT
    if later < 30:
        return None, TOO_FEW
    usual = later / (days - half)
    rates = [sum(day // 30 == block for day in first_days) / 30 for block in range(days // 30 + 1)]
    if rates[0] <= 1.5 * usual + 1e-12:
        return 0, EVEN
    seen = {day // 30 for day in first_days}
    even = [30 * block for block, rate in enumerate(rates) if block in seen and block and rate <= 4 / 3 * usual + 1e-12]
    return min([*even, half]), OLDER
