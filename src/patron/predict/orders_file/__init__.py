"""From a table of orders alone, however long, to the predicted lifetime value of each customer.

The same definitions as in a run (docs/predictions.md): a purchase is a day with a sale, customers are grouped into
cells, a model is fitted on cells and scores cells, and the scores are joined back.
"""

from __future__ import annotations

from patron.predict.orders_file.result import TooLittleError, Valued
from patron.predict.orders_file.value import build_settings, value

__all__ = ["TooLittleError", "Valued", "build_settings", "value"]
