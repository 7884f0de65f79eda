"""The grocer's departments, aisles and articles, with the prices that the example assumes."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

ASSUMPTIONS = Path(__file__).parent / "assumptions"

PRICES = 11
"""Different prices in a department: the lowest, and up to ten steps above it."""

_MAKERS = ("Alderbrook", "Copper Kettle", "Fernside", "Old Mill", "Quarry Hill", "Three Wells")
_MAKERS_OF_A_KIND = 2

# Department: name, then its aisles with the kinds of articles in them; numbered from 1 as they stand.
_DEPARTMENTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("freezer", {"cold suppers": "Lasagne,Dumplings,Pot Pie,Fish Bake", "ices": "Vanilla Ice,Berry Sorbet,Wafer Cone"}),
    ("this and that", {"gifts": "Greeting Card,Gift Bag,Ribbon", "seasonal": "Lantern,Paper Garland,Sparklers"}),
    ("oven", {"loaves": "Rye Loaf,Seed Loaf,Milk Bread,Bagels", "sweet bakes": 'Plum Cake,9\\" Pie Shell,Oat Scones'}),
    ("garden", {"fruit": "Pears,Clementines,Plums,Bananas,Limes", "greens": "Leeks,Spinach,Carrots,Fennel,Tomatoes"}),
    ("cellar", {"reds": "Hillside Red,Cask Red", "beers": "Amber Ale,Dark Stout,Wheat Beer", "spirits": "Dry Gin"}),
    ("far away", {"east": "Miso Paste,Rice Noodles,Nori", "south": "Corn Tortillas,Black Beans,Hot Salsa"}),
    ("thirst", {"cold drinks": "Ginger Fizz,Apple Juice,Still Water", "hot drinks": "Leaf Tea,Ground Coffee,Cocoa"}),
    ("animals", {"dogs": "Dog Biscuits,Chew Bone,Puppy Meal", "cats": "Cat Litter,Trout for Cats,Catnip Mouse"}),
    ("grains", {"noodles": "Spaghetti,Shells,Egg Noodles", "rice": "Long Rice,Brown Rice,Couscous"}),
    ("by weight", {"nuts": "Almonds,Walnuts,Mixed Nuts", "dried fruit": "Dried Figs,Apricots,Raisins"}),
    ("bathroom", {"soap": "Hand Soap,Shower Gel,Shampoo", "remedies": "Cough Drops,Plasters,Vitamin Drops"}),
    ("block", {"meat": "Beef Mince,Lamb Chops,Chicken Legs", "fish": "Cod Fillet,Smoked Trout,Mussels"}),
    ("larder", {"sauces": "Mustard,Brown Gravy,Tomato Relish", "baking": "Plain Flour,Cane Sugar,Yeast"}),
    ("morning", {"cereal": "Rolled Oats,Corn Flakes,Granola", "spreads": "Plum Jam,Honey,Hazel Spread"}),
    ("tins", {"tinned greens": "Sweetcorn,Chickpeas,Peeled Tomatoes", "soups": "Pea Soup,Chowder,Broth"}),
    ("dairy", {"milk": "Whole Milk,Oat Drink,Buttermilk", "cheese": "Farm Cheddar,Goat Log", "eggs": "Dozen Eggs"}),
    ("house", {"paper": "Kitchen Roll,Napkins, White,Baking Paper", "cleaning": "Dish Soap,Floor Wash,Sponges"}),
    ("cradle", {"little meals": "Carrot Purée,Rice Pudding,Rusks", "nappies": "Nappies,Wipes,Bibs"}),
    ("nibbles", {"salty": "Potato Crisps,Pretzels,Popcorn", "sweet": "Dark Chocolate,Toffees,Shortbread"}),
    ("counter", {"salads": "Bean Salad,Slaw,Olives", "cold cuts": "Cooked Ham,Salami,Turkey Slices"}),
    ("nowhere", {"unsorted": "Mystery Jar,Loose Item,Sample Box"}),
)


class Article(NamedTuple):
    """One article; price and cost in dollars, as assumed. name: as the file writes it, a quote with a stroke before."""

    product_id: int
    name: str
    aisle_id: int
    department_id: int
    price: Decimal
    cost: Decimal


def departments() -> list[tuple[int, str]]:
    """List ids and names."""
    return [(number, name) for number, (name, _) in enumerate(_DEPARTMENTS, 1)]


def aisles() -> list[tuple[int, str]]:
    """List ids and names, counted through the departments."""
    return list(enumerate((aisle for _, kinds in _DEPARTMENTS for aisle in kinds), 1))


def draw_articles(rng: random.Random) -> list[Article]:
    """Draw each kind by some makers, numbered in no order of department."""
    made = [
        (f"{maker} {kind}", aisle_id, department_id)
        for kind, aisle_id, department_id in _iterate_kinds()
        for maker in rng.sample(_MAKERS, _MAKERS_OF_A_KIND)
    ]
    rng.shuffle(made)
    return [_price_article(number, *each) for number, each in enumerate(made, 1)]


def _iterate_kinds() -> Iterator[tuple[str, int, int]]:
    """Yield kind, aisle, department."""
    aisle_id = 0
    for department_id, (_, listed) in enumerate(_DEPARTMENTS, 1):
        for kinds in listed.values():
            aisle_id += 1
            for kind in re.split(",(?! )", kinds):
                yield kind, aisle_id, department_id


def _price_article(product_id: int, name: str, aisle_id: int, department_id: int) -> Article:
    """Price an article as patron.yaml does."""
    assumed = _read_assumed("prices.csv")[department_id]
    price = Decimal(assumed["lowest_price"]) + product_id % PRICES * Decimal(assumed["price_step"])
    return Article(product_id, name, aisle_id, department_id, price, price * (1 - Decimal(assumed["margin_rate"])))


@cache
def _read_assumed(name: str) -> dict[int, dict[str, str]]:
    with (ASSUMPTIONS / name).open(encoding="utf-8", newline="") as file:
        return {int(row["department_id"]): row for row in csv.DictReader(file)}
