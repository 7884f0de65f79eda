"""Channels, loyalty, support, campaigns and promotions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from patron.project.settings.base import NotBlank, Settings, Words


class Channels(Settings):
    """The channels in which customers buy."""

    dominant_share: float = Field(
        0.7,
        gt=0.5,
        le=1,
        description="preferred_channel is the channel with at least this share of a customer's orders; Omnichannel "
        "if they use several and none reaches it.",
    )


class Loyalty(Settings):
    """The loyalty programme."""

    tiers: Words = Field(
        ("Bronze", "Silver", "Gold", "Platinum"),
        min_length=1,
        description="The programme's own tiers, lowest first. If a customer has several accounts, the highest tier "
        "counts.",
    )

    @field_validator("tiers")
    @classmethod
    def _check_distinct(cls, tiers: tuple[str, ...]) -> tuple[str, ...]:
        if len({tier.lower() for tier in tiers}) != len(tiers):
            raise ValueError(f"tiers must differ; they are {list(tiers)}")
        return tiers


class Support(Settings):
    """Service interactions."""

    resolved_statuses: Words = Field(("resolved", "closed"), description="Statuses that mean resolved, in any case.")
    escalated_statuses: Words = Field(("escalated",), description="Statuses that mean escalated, in any case.")
    issue_categories: dict[NotBlank, Words] = Field(
        {
            "Technical": ("technical",),
            "Billing": ("billing", "payment", "invoice"),
            "Delivery": ("delivery", "shipping"),
            "Complaint": ("complaint",),
            "Inquiry": ("inquiry", "question"),
        },
        description="Category: words to look for in the issue type, in any case. The first category that matches "
        "wins; otherwise Other.",
    )
    follow_up_days: int = Field(
        30,
        gt=0,
        description="What followed is counted in so many last days, the same for customers with and without contacts "
        "before them.",
    )


class Campaigns(Settings):
    """The attribution of revenue to the campaign touches before it."""

    credit: Literal["touches", "orders"] = Field(
        "touches", description="What is attributed: the revenue of confirmed touches, or the net amount of orders."
    )
    lookback_days: int = Field(30, gt=0, description="Touches up to this many days before the purchase count.")
    first_share: float = Field(0.4, ge=0, le=1, description="position_based: the first touch's share.")
    last_share: float = Field(0.4, ge=0, le=1, description="position_based: the last touch's share.")
    half_life_days: float = Field(
        7.0, gt=0, description="time_decay: a touch that is this many days older has half the weight."
    )

    @model_validator(mode="after")
    def _check_shares(self) -> Campaigns:
        if self.first_share + self.last_share > 1:
            raise ValueError(f"first_share {self.first_share} and last_share {self.last_share} are more than 1")
        if self.first_share + self.last_share == 0:
            raise ValueError("first_share and last_share are both 0, so two touches would get nothing")
        return self


class Promotions(Settings):
    """The measurement of the effect of promotions."""

    window_days: int = Field(
        28,
        gt=0,
        le=366,
        description="Spend is compared in the windows before and after that of the first promotion.",
    )
