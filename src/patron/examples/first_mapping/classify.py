"""What the rows of each table are: order lines, heads of orders, customers, products, payments, ..."""

from __future__ import annotations

from dataclasses import dataclass, field

from patron.examples.first_mapping.keys import Key
from patron.examples.first_mapping.tables import Table
from patron.examples.first_mapping.things import REQUIRED
from patron.examples.first_mapping.words import score, split_words

_NEARLY_UNIQUE = 0.98
_THINGS = {"customers": "customer_id", "products": "product_id", "stores": "store_id", "staff": "staff_id"}
_MOST_COLUMNS_OF_RATES = 6


@dataclass
class Kinds:
    """Table -> its entity, and how tables hang together.

    heads: table of lines -> the key to its heads. ids: table -> canonical id -> the column that holds it.
    """

    entities: dict[str, str] = field(default_factory=dict)
    heads: dict[str, Key] = field(default_factory=dict)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)


def classify(tables: list[Table], keys: list[Key]) -> Kinds:
    """Find what the rows of each table are; tables that are nothing that patron knows are left out."""
    kinds = Kinds()
    for table in tables:
        for entity, is_one in (("exchange_rates", _is_rates), ("payments", _is_payments), ("reviews", _is_reviews)):
            if table.name not in kinds.entities and is_one(table):
                kinds.entities[table.name] = entity
        if table.name not in kinds.entities and (thing := _find_thing(table, keys)) is not None:
            entity, column = thing
            kinds.entities[table.name] = entity
            kinds.ids[table.name] = {_THINGS[entity]: column}
    rest = [table for table in tables if table.name not in kinds.entities]
    _find_heads(rest, keys, kinds)
    for table in rest:
        if table.name not in kinds.entities and _is_sale(table):
            kinds.entities[table.name] = "orders" if _is_whole_order(table) else "order_lines"
    return kinds


def _find_heads(tables: list[Table], keys: list[Key], kinds: Kinds) -> None:
    by_name = {table.name: table for table in tables}
    for key in keys:
        lines, head = by_name.get(key.table), by_name.get(key.to_table)
        if lines is None or head is None or lines.name in kinds.heads or not _is_line_of(lines, key.column, head):
            continue
        is_order = not any(score(column, thing) for column in (key.column, key.to_column) for thing in _THINGS.values())
        has_facts = head.find("ordered_at") is not None or head.find("customer_id") is not None
        if is_order and has_facts and kinds.entities.get(head.name) != "order_lines":
            kinds.heads[lines.name] = key
            kinds.entities[lines.name], kinds.entities[head.name] = "order_lines", "orders"


def _is_line_of(lines: Table, column: str, head: Table) -> bool:
    """Whether a table has lines of another's orders: several of an order, or one of each without a day and a customer.

    Small numbers are contained everywhere: two shops may have orders 1 to 100 each.
    """
    if lines.columns[column].is_nearly_unique:
        stands_alone = lines.find("ordered_at") is not None and lines.find("customer_id") is not None
        return _is_line_like(lines) and not stands_alone and not _is_line_like(head)
    has_product = lines.find("product_id") is not None
    return _is_line_like(lines) or (has_product and lines.find("rating") is None)


def _is_bare_id(column: str) -> bool:
    return split_words(column) in ("id", "no", "number", "nr")


def _is_line_like(table: Table) -> bool:
    of_lines = ("product_id", "product_name", "quantity", "line_number")
    has_money = table.find("unit_price") is not None or table.find("line_total") is not None
    is_of_line = any(table.find(meaning) is not None for meaning in of_lines)
    return is_of_line and (has_money or table.find("quantity") is not None)


def _is_sale(table: Table) -> bool:
    """Whether rows are purchases: of a time or an order, and of someone, something or money."""
    has_time = table.find("ordered_at") is not None
    has_order = table.find("order_id") is not None
    has_money = table.find("unit_price") is not None or table.find("line_total") is not None
    has_customer = table.find("customer_id") is not None or table.find("email") is not None
    if has_time and not has_order and not has_customer:
        return False
    if table.hint in _THINGS:  # such as a store's own receipts
        return has_time and has_order and (has_money or _has_order_total(table))
    return (has_time or has_order) and (has_money or table.find("product_name") is not None or _has_order_total(table))


def _has_order_total(table: Table) -> bool:
    return table.find("order_total") is not None


def _is_whole_order(table: Table) -> bool:
    """Whether each row is an order of its own, of which nothing says what was bought."""
    name = table.find("order_id")
    if name is None or not table.columns[name].is_nearly_unique:
        return False
    has_price = table.find("unit_price") is not None and not _has_order_total(table)
    return not (has_price or table.find("product_id") or table.find("product_name") or table.find("quantity"))


def _is_rates(table: Table) -> bool:
    return (
        len(table.columns) <= _MOST_COLUMNS_OF_RATES
        and table.find("currency") is not None
        and table.find("exchange_rate") is not None
        and table.find("order_id") is None
    )


def _is_payments(table: Table) -> bool:
    return table.hint == "payments" and all(table.find(name) is not None for name in REQUIRED["payments"])


def _is_reviews(table: Table) -> bool:
    has_text = table.find("review_text") is not None
    return table.find("rating") is not None and (table.hint == "reviews" or has_text) and table.find("quantity") is None


def _find_thing(table: Table, keys: list[Key]) -> tuple[str, str] | None:
    """Find the entity of a table with a row for each thing, and the column of its id."""
    entities = [table.hint] if table.hint in _THINGS else list(_THINGS)
    if table.find("order_id") is not None and table.hint not in _THINGS:
        return None
    for entity in entities:
        assert entity is not None
        candidates = [
            name for name, values in table.columns.items() if _is_nearly_unique(table, name) and values.times is None
        ]
        named = [name for name in candidates if score(name, _THINGS[entity]) > 0]
        if table.hint == entity:
            named += [name for name in candidates if _is_bare_id(name)]
            referred = [
                key.to_column for key in keys if key.to_table == table.name and score(key.column, _THINGS[entity]) > 0
            ]
            named = [*(name for name in referred if name in candidates), *named]
        is_described = table.hint == entity or _describes(table, entity)
        if named and is_described:
            return entity, min(named, key=lambda name: (-_count_referring(table, name, keys), named.index(name)))
    return None


def _count_referring(table: Table, column: str, keys: list[Key]) -> int:
    return sum(key.to_table == table.name and key.to_column == column for key in keys)


def _is_nearly_unique(table: Table, name: str) -> bool:
    values = table.columns[name]
    has_decimals = values.numbers is not None and values.numbers.decimals > 0
    is_filled = values.present >= _NEARLY_UNIQUE * len(values) > 0
    return not has_decimals and is_filled and len(values.texts) >= _NEARLY_UNIQUE * values.present


def _describes(table: Table, entity: str) -> bool:
    """Whether columns beside the id say what such a thing is, and none says that it was sold."""
    if table.find("ordered_at") is not None and table.find("line_total") is not None:
        return False
    telling = {
        "customers": ("email", "customer_name", "gender", "birth_date", "first_name"),
        "products": ("product_name", "category", "brand"),
        "stores": ("store_name",),
        "staff": ("staff_name",),
    }[entity]
    is_sold = table.find("quantity") is not None or table.find("line_total") is not None
    return not is_sold and any(table.find(meaning) is not None for meaning in telling)
