"""How channels, loyalty, support, campaigns and promotions are read: the contacts of a shop with its customers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from patron.project.settings.base import NotBlank, Settings, Words


class Channels(Settings):
    """Where customers buy."""

    dominant_share: float = Field(
        0.7,
        gt=0.5,
        le=1,
        description="preferred_channel is the channel with at least this share of a customer's orders; Omnichannel "
        "where there are several and none reaches it.",
    )


class Loyalty(Settings):
    """The loyalty programme."""

    tiers: Words = Field(
        ("Bronze", "Silver", "Gold", "Platinum"),
        min_length=1,
        description="The programme's own tiers, lowest first. Of several accounts the highest tier counts.",
    )

    @field_validator("tiers")
    @classmethod
    def _differ(cls, tiers: tuple[str, ...]) -> tuple[str, ...]:
        if len({tier.lower() for tier in tiers}) != len(tiers):
            raise ValueError(f"tiers must differ; they are {list(tiers)}")
        return tiers


class Support(Settings):
    """Service interactions."""

    resolved_statuses: Words = Field(("resolved", "closed"), description="States that mean settled, in any case.")
    escalated_statuses: Words = Field(("escalated",), description="States that mean escalated, in any case.")
    issue_categories: dict[NotBlank, Words] = Field(
        {
            "Technical": ("technical",),
            "Billing": ("billing", "payment", "invoice"),
            "Delivery": ("delivery", "shipping"),
            "Complaint": ("complaint",),
            "Inquiry": ("inquiry", "question"),
        },
        description="Category: words, in any case; the first category that has a word of the issue type. Else Other.",
    )
    follow_up_days: int = Field(
        30, gt=0, description="Later purchase: bought again within this many days of the first contact."
    )


class Campaigns(Settings):
    """How revenue is shared out over the touches before it."""

    credit: Literal["touches", "orders"] = Field(
        "touches", description="What is shared out: the revenue of confirmed touches, or the net amount of orders."
    )
    lookback_days: int = Field(30, gt=0, description="Touches up to this many days before count, and the touch itself.")
    first_share: float = Field(0.4, ge=0, le=1, description="position_based: the first touch's share.")
    last_share: float = Field(0.4, ge=0, le=1, description="position_based: the last touch's share.")
    half_life_days: float = Field(7.0, gt=0, description="time_decay: a touch this much older has half the weight.")

    @model_validator(mode="after")
    def _shares_fit(self) -> Campaigns:
        if self.first_share + self.last_share > 1:
            raise ValueError(f"first_share {self.first_share} and last_share {self.last_share} are more than 1")
        if self.first_share + self.last_share == 0:
            raise ValueError("first_share and last_share are both 0, so that two touches would share nothing")
        return self


class Promotions(Settings):
    """How the effect of promotions is measured."""

    window_days: int = Field(
        28,
        gt=0,
        le=366,
        description="Spend is compared in the window before and the window after the one of the first promotion.",
    )
