"""The mapping of tables whose rows are things or single events: customers, products, payments, reviews, rates, ..."""

from __future__ import annotations

from patron.examples.first_mapping.mapped import EntityDraft, Mapped, map_number, map_text, quote
from patron.examples.first_mapping.questions import Question
from patron.examples.first_mapping.tables import Table
from patron.examples.first_mapping.times import choose_time

_PERSON = (
    "email", "phone", "address", "city", "region", "country", "gender", "birth_date", "age_years", "signed_up_at",
)  # fmt: skip

_COLUMNS: dict[str, tuple[str, ...]] = {
    "customers": ("customer_id", "customer_name", *_PERSON),
    "products": ("product_id", "product_name", "category", "subcategory", "brand", "list_price", "unit_cost"),
    "stores": ("store_id", "store_name", "city", "region", "country"),
    "staff": ("staff_id", "staff_name", "store_id"),
    "payments": ("payment_id", "order_id", "paid_at", "payment_amount", "payment_method", "currency"),
    "reviews": ("review_id", "order_id", "customer_id", "product_id", "reviewed_at", "rating", "review_text"),
    "exchange_rates": ("currency", "valid_from_date", "exchange_rate"),
}
"""Entity -> the canonical columns that a table of its own may fill; the first is its id."""

REQUIRED = {
    "customers": ("customer_id",), "products": ("product_id",), "stores": ("store_id",), "staff": ("staff_id",),
    "payments": ("order_id", "payment_amount"), "reviews": ("rating",), "exchange_rates": ("currency", "exchange_rate"),
}  # fmt: skip

_MEANINGS = {"unit_cost": "cost", "valid_from_date": "ordered_at"}
_TIMES = {"signed_up_at", "birth_date", "paid_at", "reviewed_at", "valid_from_date"}
_NUMBERS = {"age_years", "list_price", "unit_cost", "payment_amount", "rating", "exchange_rate"}


def read_thing(table: Table, entity: str, place: str, ids: dict[str, str], lookups: dict[str, Mapped]) -> EntityDraft:
    """Read a table as an entity.

    ids: canonical id -> the table's column, where keys tell. lookups: canonical column -> what another table says.
    """
    draft, taken = EntityDraft(entity), set(ids.values())
    if entity == "customers":
        _map_names(draft, table, taken)
    for canonical in _COLUMNS[entity]:
        if canonical in lookups:
            draft.columns[canonical] = lookups[canonical]
        elif canonical in ids:
            draft.columns[canonical] = map_text(ids[canonical])
        elif canonical not in draft.columns:
            mapped, columns = _map(table, canonical, place, entity, taken)
            if mapped is not None:
                draft.columns[canonical] = mapped
                taken |= columns
    table.used |= taken
    draft.columns = {name: draft.columns[name] for name in _COLUMNS[entity] if name in draft.columns}
    return draft


def _map(
    table: Table, canonical: str, place: str, entity: str, taken: set[str]
) -> tuple[Mapped | Question | None, set[str]]:
    meaning = _MEANINGS.get(canonical, canonical)
    if canonical in _TIMES:
        chosen = choose_time(table, meaning, f"{place}.entities.{entity}.columns.{canonical}")
        is_free = chosen is not None and not taken & set(chosen.columns)
        return (chosen.mapped, set(chosen.columns)) if chosen is not None and is_free else (None, set())
    name = table.find(meaning, exclude=taken)
    if name is None:
        return None, set()
    return (map_number(table.columns[name]) if canonical in _NUMBERS else map_text(name)), {name}


def _map_names(draft: EntityDraft, table: Table, taken: set[str]) -> None:
    """Join first and last names, where a customer's name stands in two columns."""
    first, last = table.find("first_name", exclude=taken), table.find("last_name", exclude=taken)
    if first is None or last is None or first == last:
        return
    joined = f"coalesce({quote(first)}, '') || ' ' || coalesce({quote(last)}, '')"
    draft.columns["customer_name"] = Mapped(joined)
    taken |= {first, last}


def read_thing_of_lines(
    table: Table, entity: str, id_column: str, id_mapped: Mapped, ordered_at: Mapped, taken: set[str]
) -> EntityDraft | None:
    """Read customers or products off the lines that name them; None where lines say nothing but their id."""
    draft, used = EntityDraft(entity), {*taken, id_column}
    if entity == "customers":
        _map_names(draft, table, used)
    for canonical in _COLUMNS[entity][1:]:
        if canonical in ("list_price", "unit_cost", "signed_up_at") or canonical in draft.columns:
            continue
        if (name := table.find(canonical, exclude=used)) is not None and canonical not in _TIMES:
            draft.columns[canonical] = map_number(table.columns[name]) if canonical in _NUMBERS else map_text(name)
            used.add(name)
    if entity == "products" and not {"category", "subcategory", "brand"} & draft.columns.keys():
        return None
    if not draft.columns:
        return None
    table.used |= used
    columns = {_COLUMNS[entity][0]: id_mapped, **draft.columns, "updated_at": ordered_at}
    order = [*_COLUMNS[entity], "updated_at"]
    draft.columns = {name: columns[name] for name in order if name in columns}
    draft.where = f"nullif(trim({quote(id_column)}), '') is not null"
    return draft
