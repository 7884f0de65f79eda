"""Predicts each customer's lifetime value from a table of orders alone, however long.

The same definitions as in a run (docs/predictions.md): a purchase is a day with a sale, customers are grouped into
cells, a model is fitted on cells and scores cells, and the scores are joined back.
"""

from __future__ import annotations

from patron.predict.one_table import TooLittleError
from patron.predict.orders_file.result import Valuation
from patron.predict.orders_file.value import build_settings, value

__all__ = ["TooLittleError", "Valuation", "build_settings", "value"]
