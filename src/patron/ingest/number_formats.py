"""How numbers are written: samples that show the separators, and what else may stand around the digits."""

from __future__ import annotations

NUMBER_FORMATS = {
    "1234.50": ("", "."),
    "1,234.50": (",", "."),
    "1.234,50": (".", ","),
    "1 234,50": (" ", ","),
    "1 234.50": (" ", "."),
    "1'234.50": ("'", "."),
    "1234,50": ("", ","),
}
"""Sample of a written number -> (thousands separator, decimal separator)."""

CURRENCY_SIGNS = "$€£¥₹₽₩₺₫₪฿\u00a0 "
"""Signs that may stand anywhere in a written amount."""
