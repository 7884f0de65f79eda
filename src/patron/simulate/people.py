"""Invents people: a name, and an e-mail address that does not exist."""

from __future__ import annotations

import random
from typing import NamedTuple

_FIRST = {
    "F": (
        "Ada Bea Clara Dina Edith Flora Greta Hilda Ines Jutta Kira Lotte Mina Nell Olga Petra Rosa Sanna Tilda "
        "Ulla Vera Wanda Yara Zita"
    ),
    "M": (
        "Abel Bruno Casper Diego Emil Felix Gustav Hugo Ivo Jonas Kuno Leo Moritz Nils Oskar Pablo Rufus Sven Theo "
        "Udo Viktor Wim Yusuf Zeno"
    ),
}
_LAST_STARTS = (
    "Alder Birch Clay Dun Elder Fern Gold Hazel Iron Kings Lark Marsh North Oak Pine Quill Rush Stone Thorn Wind"
)
_LAST_ENDS = "acre bank bridge brook field ford gate ham hurst ley mere more shaw side stead ton well wick wood worth"
_DOMAINS = ("example.com", "example.net", "example.org")


class Person(NamedTuple):
    """gender: F or M."""

    name: str
    gender: str
    email: str


def draw_people(count: int, rng: random.Random) -> list[Person]:
    """Invent `count` people. Names may recur, as they do; addresses never, and are of domains kept for examples."""
    first = {gender: names.split() for gender, names in _FIRST.items()}
    starts, ends = _LAST_STARTS.split(), _LAST_ENDS.split()
    people = []
    for number in range(1, count + 1):
        gender = rng.choice("FM")
        given, family = rng.choice(first[gender]), rng.choice(starts) + rng.choice(ends)
        address = f"{given}.{family}{number}@{rng.choice(_DOMAINS)}".lower()
        people.append(Person(f"{given} {family}", gender, address))
    return people
