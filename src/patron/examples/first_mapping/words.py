"""What a header means by its words alone, in the languages of header_words.yml."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

_FILE = "header_words.yml"
_LEAST_SCORE = 0.55
"""Below it, a phrase is too small a part of a header to say what the column means."""

_TABLE_WORDS: dict[str, tuple[str, ...]] = {
    "customers": ("customer", "customers", "client", "clients", "user", "users", "member", "members", "kunde", "kunden",
                  "cliente", "clientes", "clienti", "klant", "klanten", "klienci", "household", "buyers"),
    "products": ("product", "products", "item", "article", "articles", "artikel", "produkte", "produits", "produit",
                 "productos", "producto", "produtos", "prodotti", "producten", "produkty", "catalogue", "catalog"),
    "stores": ("store", "stores", "outlet", "outlets", "shops", "branches", "filialen", "magasins", "tiendas", "lojas",
               "negozi", "winkels", "sklepy", "restaurant", "restaurants"),
    "staff": ("staff", "employee", "employees", "seller", "sellers", "mitarbeiter", "vendedores", "pracownicy"),
    "reviews": ("review", "reviews", "rating", "ratings", "bewertungen", "avis", "resenas", "recensioni", "opinie"),
    "payments": ("payment", "payments", "zahlungen", "paiements", "pagos", "pagamentos", "pagamenti", "betalingen"),
    "exchange_rates": ("rates", "fx", "currencies", "kurse", "wechselkurse", "taux", "cambio", "koersen", "kursy"),
    "order_lines": ("items", "lines", "details", "detail", "lineitems", "positionen", "lignes", "lineas", "itens",
                    "righe", "regels", "pozycje"),
    "orders": ("order", "orders", "header", "heads", "headers", "invoices", "bestellungen", "auftrage", "commandes",
               "pedidos", "ordini", "bestellingen", "zamowienia", "sales", "transactions", "receipts"),
}  # fmt: skip
"""Words of a file's name that say what its rows are."""


@dataclass(frozen=True)
class Meaning:
    """The phrases of one meaning, and the words beside which a header means something else."""

    phrases: tuple[str, ...]
    refused: tuple[str, ...]


@cache
def load_meanings() -> dict[str, Meaning]:
    """Load meaning -> its phrases in all languages, in the order of the file."""
    text = resources.files("patron.examples.first_mapping").joinpath(_FILE).read_text(encoding="utf-8")
    meanings = {}
    for name, languages in yaml.load(text, Loader=yaml.BaseLoader).items():
        phrases = tuple(phrase for language, listed in languages.items() if language != "not" for phrase in listed)
        meanings[name] = Meaning(tuple(dict.fromkeys(phrases)), tuple(languages.get("not", ())))
    return meanings


@cache
def split_words(header: str) -> str:
    """Write a header as lower-case words without accents: `OrderDate` and `order_date` are `order date`."""
    plain = unicodedata.normalize("NFKD", header.replace("ł", "l").replace("ß", "ss"))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    plain = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", plain)
    plain = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", plain)
    return " ".join(re.findall(r"[a-z0-9]+|[%#]", plain.lower()))


_ITEM_WORDS = {"line", "lines", "item", "items", "order", "products"}
"""Words of a list that say only that its elements are lines."""


class NestedName(str):
    """The name of a value inside a column, such as `customer.email`."""

    __slots__ = ()


def score(header: str, meaning: str) -> float:
    """Score how well a header's words fit a meaning, from 0 to 1; 1 for one of its phrases itself."""
    whole = _score(str(header), meaning)
    if not isinstance(header, NestedName):
        return whole
    parent, _, last = header.rpartition(".")
    own = [word for word in split_words(parent).split() if word not in _ITEM_WORDS]
    if is_refused(" ".join([*own, last]), meaning):
        return whole
    return max(whole, 0.95 * _score(last, meaning))


@cache
def _score(header: str, meaning: str) -> float:
    words, known = split_words(header), load_meanings()[meaning]
    compact = words.replace(" ", "")
    padded = f" {words} "
    if compact in {phrase.replace(" ", "") for phrase in known.phrases}:
        return 1.0 - 0.001 * _rank(compact, known.phrases)
    if is_refused(header, meaning):
        return 0.0
    inside = [phrase for phrase in known.phrases if f" {phrase} " in padded and len(phrase) > 2]
    if not inside:
        return 0.0
    longest = max(inside, key=len)
    found = 0.4 + 0.5 * len(longest) / len(words)
    return found if found >= _LEAST_SCORE else 0.0


def is_refused(header: str, meaning: str) -> bool:
    """Return whether a header has a word beside which it means something else."""
    padded = f" {split_words(header)} "
    return any(f" {word} " in padded for word in load_meanings()[meaning].refused)


def _rank(compact: str, phrases: tuple[str, ...]) -> int:
    return next(rank for rank, phrase in enumerate(phrases) if phrase.replace(" ", "") == compact)


def guess_kind(file_name: str) -> str | None:
    """Return the entity that a file's name speaks of; None if it names none."""
    words = split_words(file_name).split()
    kinds = [kind for word in words if (kind := _find_kind(word)) is not None]
    if not kinds:
        return None
    is_of_orders = len(set(kinds)) == 1 or "orders" in kinds
    if kinds[-1] == "order_lines" and not is_of_orders:  # items of a catalogue
        return next(kind for kind in reversed(kinds) if kind != "order_lines")
    return kinds[-1]


def _find_kind(word: str) -> str | None:
    """The last word of a name is its head: customer orders are orders."""
    return next((kind for kind, known in _TABLE_WORDS.items() if word in known), None)
