"""Rule files, exact duplicates, and which orders count."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from patron.project.settings.base import Settings, Words


class Rules(Settings):
    """Rule files. A bare name is a set that ships with patron; a name with a dot or slash is a file of yours."""

    line_kinds: str = Field(
        "default",
        description="Ordered rules that say what an order line is: sale, return, refund, discount, ... (default, "
        "online_retail).",
    )
    countries: str = Field("default", description="Maps country names as written to one spelling; blank means unknown.")
    segments: str = Field("nine", description="RFM scores to segments: nine, thirteen, or a file.")
    exact_duplicates: Literal["keep", "drop"] = Field(
        "keep", description="Rows that are equal in every column: keep or drop all but one."
    )


class Orders(Settings):
    """The orders that count as spend, and what their amounts contain."""

    spend_statuses: Words = Field(
        ("completed",),
        description="Order statuses that count as spend, in any case. A line without a status counts; one with "
        "another status is kept as not_completed.",
    )
    refunded_statuses: Words = Field(
        (),
        description="Order statuses that mean the whole order was refunded, in any case. The order stays a sale on its "
        "day and becomes a refund on the day on which the status changed (updated_at, or the landing).",
    )
    amount: Literal["goods", "total"] | None = Field(
        None,
        description="What order_amount is where no source gives the lines of the orders. goods: the price of the goods "
        "before the order's discount. total: what the customer paid: after discounts, with shipping, tips, and tax on "
        "top of prices.",
    )
    tax: Literal["included", "added", "deducted"] | None = Field(
        None,
        description="How prices treat tax. included: they contain it, and so does revenue. added: it is charged on top "
        "of them, and is no revenue. deducted: they contain it, and revenue is what is left without it.",
    )
