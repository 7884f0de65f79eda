"""A survey of shoppers without a date: one row each, under ids that mean other people than the shop's own."""

from __future__ import annotations

import random
from collections.abc import Iterator

HEADER = (
    "customer_id",
    "age",
    "age_group",
    "gender",
    "item_purchased",
    "category",
    "purchase_amount",
    "location",
    "size",
    "color",
    "season",
    "review_rating",
    "subscription_status",
    "shipping_type",
    "discount_applied",
    "previous_purchases",
    "payment_method",
    "frequency_of_purchases_days",
)
_AGE_GROUPS = ((25, "young_adult"), (40, "adult"), (55, "middle_aged"), (75, "senior"))
_ITEMS = {
    "Accessories": (("Umbrella", 28), ("Wallet", 45), ("Tote", 24), ("Watch strap", 18)),
    "Clothing": (("Cardigan", 62), ("Dungarees", 70), ("Linen shirt", 48), ("Waistcoat", 55), ("Pyjamas", 36)),
    "Footwear": (("Clogs", 52), ("Wellingtons", 44), ("Slippers", 26)),
    "Outerwear": (("Anorak", 98), ("Duffle coat", 120)),
}
_LOCATIONS = (
    "Colorado Georgia Hawaii Iowa Kansas Maine Minnesota Nebraska Nevada Ohio Oregon Texas Utah Vermont Wyoming".split()
)
_COLORS = "Amber Charcoal Coral Cream Forest Indigo Mustard Navy Plum Rust Sand Slate".split()
_SIZES, _SIZE_WEIGHTS = ("S", "M", "L", "XL"), (0.2, 0.4, 0.28, 0.12)
_SEASONS = ("Spring", "Summer", "Fall", "Winter")
_SHIPPING = ("Standard", "Express", "Next day", "Pick-up point", "Free from 50")
_PAYMENTS = ("Credit Card", "Debit Card", "PayPal", "Cash", "Bank Transfer")
_EVERY_DAYS = (7, 14, 30, 90, 365)
_SUBSCRIBERS = 0.3


def shopper_rows(count: int, rng: random.Random) -> Iterator[tuple[object, ...]]:
    """List rows with the ids 1 to `count`. Subscribers come more often, and the frequent have bought more before."""
    for customer_id in range(1, count + 1):
        age, category = rng.randint(18, 75), rng.choice(list(_ITEMS))
        item, price = rng.choice(_ITEMS[category])
        is_subscriber = rng.random() < _SUBSCRIBERS
        every = rng.choices(_EVERY_DAYS, (4, 4, 3, 2, 1) if is_subscriber else (1, 2, 3, 4, 2))[0]
        bought = 1 + min(int(rng.gammavariate(2.0, 0.5 + 60 / (every + 10))), 49)
        is_discounted = rng.random() < (0.7 if is_subscriber else 0.3)
        yield (
            customer_id,
            age,
            next(group for oldest, group in _AGE_GROUPS if age <= oldest),
            rng.choice(("Female", "Male")),
            item,
            category,
            max(5, round(price * rng.uniform(0.7, 1.3) * (0.85 if is_discounted else 1))),
            rng.choice(_LOCATIONS),
            rng.choices(_SIZES, _SIZE_WEIGHTS)[0],
            rng.choice(_COLORS),
            rng.choice(_SEASONS),
            f"{min(5.0, max(2.0, rng.gauss(3.8, 0.7))):.1f}",
            "Yes" if is_subscriber else "No",
            rng.choice(_SHIPPING),
            "Yes" if is_discounted else "No",
            bought,
            rng.choice(_PAYMENTS),
            every,
        )
