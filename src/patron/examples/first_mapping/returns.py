"""Files of returns whose amounts are positive: whether they lower revenue is asked, never guessed."""

from __future__ import annotations

import numpy as np

from patron.examples.first_mapping.line_money import LineMoney
from patron.examples.first_mapping.mapped import EntityDraft, Mapped, to_decimal
from patron.examples.first_mapping.questions import UNKNOWN, Choice, Question
from patron.examples.first_mapping.tables import Table

_WORDS = frozenset(
    "return returns returned refund refunds credit credits creditnotes retoure retouren gutschrift gutschriften storno "
    "retour retours avoir avoirs remboursements devolucion devoluciones devolucao devolucoes reso resi rimborsi "
    "creditnota zwrot zwroty".split()
)


def ask_about_returns(draft: EntityDraft, table: Table, money: LineMoney) -> None:
    """Ask about a file that is named like returns, and of which no amount and no quantity is below zero."""
    if not _WORDS & set(table.name.split("_")):
        return
    counted = [values for values in (money.quantity, money.total, money.price) if values is not None]
    if any((np.nan_to_num(values.floats) < 0).any() for values in counted):
        return
    canonical = "line_amount" if "line_amount" in draft.columns else "quantity"
    values = money.total if canonical == "line_amount" else money.quantity
    amount = "1" if values is None else to_decimal(values)
    mapped = draft.columns.get(canonical)
    if amount is None or isinstance(mapped, Question):
        return
    as_sold = mapped.write() if isinstance(mapped, Mapped) else "'1'"
    text = f"Are the rows of {table.name} goods that came back? Their amounts are positive, and would raise revenue."
    choices = (
        Choice("yes: they lower revenue", f"{canonical}: {Mapped(f'-{amount}').write()}"),
        Choice("no: they were sold", f"{canonical}: {as_sold}"),
    )
    draft.columns[canonical] = Question(money.place, text, choices, f"{canonical}: {UNKNOWN}")
