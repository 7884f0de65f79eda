"""The coffee shop's menu, outlets and staff."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

PRODUCT_HEADER = (
    "product_id",
    "product_group",
    "product_category",
    "product_type",
    "product",
    "product_description",
    "unit_of_measure",
    "current_wholesale_price",
    "current_retail_price",
    "tax_exempt_yn",
    "promo_yn",
    "new_product_yn",
)
STAFF_HEADER = ("staff_id", "first_name", "last_name", "position", "start_date", "location", "", "")
OUTLET_HEADER = (
    "sales_outlet_id",
    "sales_outlet_type",
    "store_square_feet",
    "store_address",
    "store_city",
    "store_state_province",
    "store_telephone",
    "store_postal_code",
    "store_longitude",
    "store_latitude",
    "manager",
    "Neighorhood",
)
OUTLETS = (3, 5, 8)
OUTLET_ROWS = (
    (2, "warehouse", 3100, "9 Roastery Yard", "Port Alder", "NY", "555-010-0002", "00002", -73.81, 40.71, "", "Docks"),
    (3, "retail", 1250, "41 Harbour Row", "Port Alder", "NY", "555-010-0003", "00003", -73.92, 40.76, 6, "Harbour"),
    (5, "retail", 950, "7 Chapel Steps", "Port Alder", "NY", "555-010-0005", "00005", -74.01, 40.72, 11, "Old Town"),
    (8, "retail", 1450, "118 Canal Walk", "Port Alder", "NY", "555-010-0008", "00008", -73.98, 40.75, 16, "Canalside"),
)
PROMOTION_CUT = 0.3
_STAFF_PER_OUTLET = 5


class Article(NamedTuple):
    """One article; price in cents, margin as a share of it, weight: how often it is chosen."""

    product_id: int
    group: str
    category: str
    type: str
    name: str
    description: str
    unit: str
    price: int
    margin: float
    weight: float
    is_promoted: bool = False
    is_new: bool = False

    @property
    def promotion_price(self) -> int:
        """Return the promotion price in cents, rounded down to a multiple of five."""
        return int(self.price * (1 - PROMOTION_CUT)) // 5 * 5


_BEANS = ("To Brew at Home", "Beans", "House beans", "1 lb", 0.25, 0.4)
_LEAVES = ("To Brew at Home", "Leaves", "Leaf tea", "4 oz", 0.25, 0.3)
_BREWED = ("Drinks", "Coffee", "Brewed coffee", "12 oz", 0.8, 9.0)
_ESPRESSO = ("Drinks", "Coffee", "Espresso drinks", "3 oz", 0.8, 10.0)
_TEA = ("Drinks", "Tea", "Brewed tea", "16 oz", 0.75, 6.0)
_CHOCOLATE = ("Drinks", "Chocolate", "Hot chocolate", "12 oz", 0.3, 3.0)
_SYRUP = ("Extras", "Syrups", "Syrup", "pump", 0.95, 2.0)
_BAKERY = ("Food", "Bakery", "Baked today", "single", 0.35, 5.0)
_WARES = ("Goods", "Kitchen", "Tableware", "single", 0.65, 0.15)

# Price in cents, name, description. The quotes, commas and trailing blanks are what a reader has to survive.
_RANGE = {
    _BEANS: (
        (1650, "Quayside Blend", "Roasted on Mondays, gone by Friday."),
        (1800, "Lantern Roast - Organic", "Dark, and not afraid of milk. "),
        (2050, "Terrace Single Estate", "Plum, cocoa and a long walk home."),
        (1475, "Night Shift Decaf", "All of the taste, none of the ceiling."),
    ),
    _LEAVES: (
        (925, "Harbour Mist Green", "Light and grassy."),
        (895, "Brick Lane Black", "Strong enough to stand a spoon in. "),
        (950, "Meadow Herbal", "Chamomile, mint and patience."),
    ),
    _BREWED: (
        (220, "Quayside Blend small", "An honest cup. "),
        (265, "Quayside Blend regular", "An honest cup. "),
        (310, "Quayside Blend large", "An honest cup. "),
        (245, "Lantern Roast small", "For mornings that begin too early."),
        (295, "Lantern Roast regular", "For mornings that begin too early."),
        (345, "Lantern Roast large", "For mornings that begin too early."),
        (325, "Terrace Pour-over", "Four minutes, and worth each of them."),
    ),
    _ESPRESSO: (
        (285, "Espresso", "Short."),
        (370, "Flat White", "Silk, with a purpose."),
        (395, "Latte regular", "Milk first, then a rumour of coffee."),
        (445, "Latte large", "Milk first, then a rumour of coffee."),
        (385, "Cappuccino", 'What the regulars call "the usual". '),
        (475, "Orange Cortado", "Coffee, warm milk, a strip of peel."),
    ),
    _TEA: (
        (255, "Harbour Mist regular", "Light and grassy."),
        (305, "Harbour Mist large", "Light and grassy."),
        (255, "Brick Lane regular", "With milk, unless you say so."),
        (305, "Brick Lane large", "With milk, unless you say so."),
        (335, "Cardamom Chai", "Simmered, not stirred."),
    ),
    _CHOCOLATE: (
        (365, "Bittersweet Cocoa regular", "Seventy percent, and it shows."),
        (455, "Bittersweet Cocoa large", "Seventy percent, and it shows."),
        (495, "Snowed-in Chocolate", "Cream, cinnamon, no hurry."),
    ),
    _SYRUP: (
        (80, "Maple syrup", "One pump"),
        (80, "Vanilla syrup", "One pump"),
        (80, "Sugar free vanilla syrup", "One pump, no regrets"),
    ),
    _BAKERY: (
        (325, "Butter Croissant", "Flaky."),
        (375, "Almond Knot", "Sticky, in a good way"),
        (295, "Oat Scone", "Plain, and proud of it"),
        (345, "Cheddar Scone ", "Savoury, warm on request"),
        (350, "Seeded Biscotti", "Made for dunking"),
        (415, "Plum Slice", "Yesterday's recipe, today's plums"),
    ),
    _WARES: (
        (1250, "Harbour mug", "Stoneware, holds 12 oz"),
        (2600, "Tote bag", "Holds a week of beans"),
    ),
}
_PROMOTED = {"Orange Cortado", "Cardamom Chai", "Almond Knot", "Plum Slice"}
_NEW = {"Orange Cortado", "Plum Slice"}


def menu() -> list[Article]:
    """List every article, ids counted from 1."""
    listed = [(kind, entry) for kind, entries in _RANGE.items() for entry in entries]
    return [
        Article(
            product_id,
            group,
            category,
            type_,
            name,
            description,
            unit,
            price,
            margin,
            weight,
            name in _PROMOTED,
            name in _NEW,
        )
        for product_id, ((group, category, type_, unit, margin, weight), (price, name, description)) in enumerate(
            listed, 1
        )
    ]


def product_rows(articles: list[Article]) -> Iterator[tuple[object, ...]]:
    """List the rows of product.csv. Wholesale prices are bare; retail ones have a sign before and a blank after."""
    for article in articles:
        yield (
            *article[:7],
            f"{article.price * (1 - article.margin) / 100:.2f}".rstrip("0").rstrip("."),
            f"${article.price / 100:.2f} ",
            "N" if article.group in {"Food", "Goods"} else "Y",
            "Y" if article.is_promoted else "N",
            "Y" if article.is_new else "N",
        )


def staff_rows(names: list[str], rng: random.Random) -> Iterator[tuple[object, ...]]:
    """List the rows of staff.csv: two at head office, three at the warehouse, then five per outlet."""
    positions = [("CEO", "HQ"), ("CFO", "HQ"), *[("Roaster", "WH")] * 3]
    for outlet in OUTLETS:
        positions += [("Manager", str(outlet)), *[("Barista", str(outlet))] * (_STAFF_PER_OUTLET - 1)]
    for staff_id, ((position, location), name) in enumerate(zip(positions, names, strict=False), 1):
        since = f"{rng.randint(1, 12)}/{rng.randint(1, 28)}/{rng.randint(2003, 2017)}"
        yield staff_id, *name.split(" "), position, since, location, "", ""


def staff_of(outlet: int) -> range:
    """List the ids of those who serve at an outlet."""
    first = 6 + _STAFF_PER_OUTLET * OUTLETS.index(outlet)
    return range(first, first + _STAFF_PER_OUTLET)
