"""The specification of a synthetic shop: its size, its customers' behaviour, its errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from patron.errors import SettingsError

_ABOVE_0 = "customers days arrival_growth r alpha_weeks s beta_weeks spend_p spend_q spend_gamma products"
_BELOW_1 = "guest_rate refund_rate discount_rate charge_rate price_change_rate promotion_cut dirty_rate"
_UP_TO_1 = "weekly_amplitude yearly_amplitude promotion_share"

DEFAULT_COUNTRIES = (
    ("United Kingdom", 0.90),
    ("Germany", 0.03),
    ("Ireland", 0.03),
    ("France", 0.02),
    ("Netherlands", 0.02),
)


@dataclass(frozen=True, kw_only=True)
class ShopSpec:
    """One synthetic shop. The same spec gives the same shop, row by row (for one version of NumPy).

    Purchases are Pareto/NBD (Schmittlein, Morrison, Colombo 1987; notation of Fader, Hardie, Lee 2005): after
    the first order a customer buys as a Poisson process of rate lambda ~ Gamma(r, alpha) until they leave for
    good, after an Exponential(mu) lifetime with mu ~ Gamma(s, beta). Spend per order is Gamma-Gamma (Fader,
    Hardie 2013): an order is Gamma(p, nu) with nu ~ Gamma(q, gamma), so its mean is p gamma / (q - 1). The
    defaults of both are the published estimates for the CDNOW sample. Each gamma is (shape, rate).

    Sizes and time
        customers: how many are acquired in the period.
        start, days: the first calendar day, and how many days the shop is seen.
        seed: not negative; every draw follows from it.
        arrival_growth: arrivals at the end of the period per arrival at its start (1: steady).

    Purchases and spend
        r, alpha_weeks: shape, and rate in weeks, of the purchase rate; its mean is r / alpha_weeks a week.
        s, beta_weeks: shape, and rate in weeks, of the dropout rate.
        spend_p, spend_q, spend_gamma: the Gamma-Gamma's p, q and gamma; gamma is in currency.
        lines_per_order: mean of the (geometric) number of sale lines on an order; at least 1.

    Season. The purchase process runs in a time of its own that goes faster in busy hours and averages one
    second a second over the period: each rate stays the mean rate that is stated. A model that knows no
    season can find the parameters again only where both amplitudes are 0.
        weekly_amplitude, yearly_amplitude: 0 to 1; how far the busiest time lies above the mean.
        yearly_peak_day: the busiest day of the year, 1 to 366.
        opening_hours: first hour, and the hour after the last, of the day.
        closed_weekdays: days without orders, Monday is 0.

    Products
        products: how many articles. price_change_rate: share of them whose price changes once.
        promotion_days: days when promotion_share of the articles cost promotion_cut (a share) less. People
        spend the same and take more home. promotion_uplift: how much faster they buy on those days (0.5: half
        as many orders again).

    Other lines, shares of 0 to 1; none of them touches the truth above
        guest_rate: of all orders, those of people without an account, each of whom orders once.
        refund_rate: of sale lines, those brought back, in part or whole, within four weeks.
        discount_rate, charge_rate: of orders, those with a line that takes off, or adds postage.
        countries: name and weight of each country.
        dirty_rate: of written lines, those spoiled as in patron.simulate.dirt (text formats only).
    """

    customers: int
    start: date = date(2024, 1, 1)
    days: int = 365
    seed: int = 1
    arrival_growth: float = 1.0

    r: float = 0.5531
    alpha_weeks: float = 10.576
    s: float = 0.6063
    beta_weeks: float = 11.671
    spend_p: float = 6.25
    spend_q: float = 3.74
    spend_gamma: float = 15.44
    lines_per_order: float = 4.0

    weekly_amplitude: float = 0.2
    yearly_amplitude: float = 0.2
    yearly_peak_day: int = 335
    opening_hours: tuple[int, int] = (8, 20)
    closed_weekdays: tuple[int, ...] = ()

    products: int = 1000
    price_change_rate: float = 0.1
    promotion_days: tuple[date, ...] = ()
    promotion_share: float = 0.3
    promotion_cut: float = 0.2
    promotion_uplift: float = 0.0

    guest_rate: float = 0.1
    refund_rate: float = 0.02
    discount_rate: float = 0.02
    charge_rate: float = 0.0
    countries: tuple[tuple[str, float], ...] = DEFAULT_COUNTRIES
    dirty_rate: float = 0.0

    def __post_init__(self) -> None:
        for name in _ABOVE_0.split():
            self._require(name, getattr(self, name) > 0, "above 0")
        for name in _BELOW_1.split():
            self._require(name, 0 <= getattr(self, name) < 1, "from 0 to below 1")
        for name in _UP_TO_1.split():
            self._require(name, 0 <= getattr(self, name) <= 1, "from 0 to 1")
        self._require("seed", self.seed >= 0, "0 or more")
        self._require("lines_per_order", self.lines_per_order >= 1, "1 or more")
        self._require("spend_q", self.spend_q > 1, "above 1, or the mean spend is not finite")
        self._require("promotion_uplift", self.promotion_uplift > -1, "above -1")
        opens, closes = self.opening_hours
        self._require("opening_hours", 0 <= opens < closes <= 24, "two hours of 0 to 24, the earlier first")
        is_ever_open = not set(self.closed_weekdays) >= set(range(7))
        self._require("closed_weekdays", is_ever_open, "fewer than all seven")
        self._require("countries", bool(self.countries), "at least one name and weight")

    def _require(self, name: str, holds: bool, wanted: str) -> None:
        if not holds:
            what = f"{name} is {getattr(self, name)!r}; it must be {wanted}."
            raise SettingsError(what, where=f"ShopSpec.{name}", do=f"Give a {name} that is {wanted}.")

    @property
    def mean_spend(self) -> float:
        """Return the mean gross amount of an order over all customers, in currency: p gamma / (q - 1)."""
        return self.spend_p * self.spend_gamma / (self.spend_q - 1)
