"""The types of columns in the published tables, whichever engine built them."""

from __future__ import annotations

import re

_INTEGERS = ("tinyint", "smallint", "int", "integer", "bigint", "hugeint")


def find_published_type(sql_type: str) -> str:
    """Return the type of a column in the published tables, whichever engine built it.

    Whole numbers are bigint, decimals have 18 or 38 digits, and times know no zone.
    """
    kind = sql_type.lower()
    decimal = re.fullmatch(r"decimal\((\d+), ?(\d+)\)", kind)
    if kind in _INTEGERS or (decimal and decimal[2] == "0"):
        return "bigint"
    if decimal:
        return f"decimal({18 if int(decimal[1]) <= 18 else 38},{decimal[2]})"
    return "timestamp" if kind.startswith("timestamp") else kind
