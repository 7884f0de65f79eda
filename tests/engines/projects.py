"""Projects to compile, with source shapes made by hand: no data is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from patron import examples
from patron.contract.entities import load_entities
from patron.project.mapping.expressions import column_key
from patron.project.project import FILE_NAME, Project
from patron.project.settings import ProjectSettings
from patron.transform.render.source_schema import derive_shapes
from patron.transform.render.type_casts import SourceShape

HERE = Path(__file__).parent
EXAMPLE = Path(examples.__path__[0]) / "online_retail"

_RECEIPTS = "InvoiceNo StockCode Description Quantity InvoiceDate UnitPrice CustomerID Country".split()
_NASTY = {
    "till": (
        ["Receipt No", "Line", "when", "Who's", "select", "Qty %", "price{{1}}", 'say "hi"', "Land", "till`s"],
        [],
    ),
    "web": (
        ["Order", "Placed", "Buyer", "Item", "Pieces", "Price", "Rebate", "Total", "Packer", "Country", "Status"],
        [],
    ),
    "members": (["first_name", "last_name", "email"], ["id", "born", "income", "score", "joined", "loyal", "changed"]),
    "phone": (["state", "caller", "complaint", "born"], ["number", "taken_at", "amount", "rebate", "agent"]),
}
NO_KEY = {"patron.source_key": "[]"}
_INSTANTS = ("joined", "taken_at")


def shape(name: str, text: list[str], native: list[str], timezone: str, nulls: tuple[str, ...] = ()) -> SourceShape:
    """A source whose columns hold text, and others that hold their own types."""
    own = (*text, *native)
    columns, zoned = {column_key(column): column for column in own}, frozenset(c for c in native if c in _INSTANTS)
    return SourceShape(name, columns, own, frozenset(text), zoned, nulls, timezone)


Made = tuple[Project, Mapping[str, SourceShape], str]


def online_retail() -> Made:
    """The example that ships."""
    project = Project.load(EXAMPLE)
    return project, {"receipts": shape("receipts", _RECEIPTS, [], project.settings.shop.timezone)}, "latest"


def nasty(**changed: Any) -> Made:
    """Every feature of patron.yaml at once. changed: settings by section, such as rfm={...}."""
    settings = yaml.safe_load((HERE / "nasty" / FILE_NAME).read_text(encoding="utf-8")) | changed
    project = Project(HERE / "nasty", ProjectSettings.model_validate(settings))
    shapes = {
        name: shape(name, *columns, "Asia/Kolkata", project.settings.sources[name].null_values)
        for name, columns in _NASTY.items()
    }
    return project, shapes, str(project.settings.as_of)


def everything() -> Made:
    """Every entity of the contract, from one source of text that gives every column."""
    names = {name: {column: column for column in entity.columns} for name, entity in load_entities().items()}
    mapped = {name: {"columns": columns} for name, columns in names.items()}
    sources = {"whole": {"files": "*.csv", "entities": mapped}}
    orders = {"tax": "added", "refunded_statuses": ["refunded"]}
    settings = ProjectSettings.model_validate({"shop": {"name": "All"}, "orders": orders, "sources": sources})
    columns = list({column: None for mapped_columns in names.values() for column in mapped_columns})
    return Project(HERE, settings), {"whole": shape("whole", columns, [], "UTC")}, "latest"


def tables() -> Made:
    """Tables of a PostgreSQL server, beside files: a thing and an event, the event known by its table's key."""
    members = {"customer_id": "id", "customer_name": "name", "updated_at": "changed"}
    lines = {"order_id": "receipt", "ordered_at": "at", "customer_id": "id", "unit_price": "price"}
    sources = {
        "members": {"postgres": {"table": "members"}, "entities": {"customers": {"columns": members}}},
        "cards": {"files": "*.csv", "entities": {"customers": {"columns": members}}},
        "till": {
            "postgres": {"table": "till"},
            "entities": {"order_lines": {"columns": lines, "deleted_when": "price < 0"}},
        },
    }
    settings = ProjectSettings.model_validate({"shop": {"name": "Tables"}, "sources": sources})
    known = {"is_changelog": True, "source_key": ("id", 'line "no"')}
    shapes = {
        "members": replace(shape("members", ["id", "name"], ["changed", "_is_deleted"], "UTC"), **known),
        "cards": shape("cards", ["id", "name", "changed"], [], "UTC"),
        "till": replace(shape("till", ["receipt", "id"], ["at", "price", 'line "no"', "_is_deleted"], "UTC"), **known),
    }
    return Project(HERE, settings), shapes, "latest"


def example(name: str, as_of: str = "latest", **looked_into: list[str]) -> Made:
    """A shipped example whose files are all text. looked_into: source -> columns that only others read."""
    project = Project.load(Path(examples.__path__[0]) / name)
    no_table = {"patron.source_key": "[]"}
    schemas = {
        source: pa.schema([(column, pa.string()) for column in [*project.required_columns(source), *more]], no_table)
        for source in project.settings.sources
        for more in [looked_into.get(source, [])]
    }
    return project, derive_shapes(project, schemas), as_of


def food_delivery() -> Made:
    """The example with lookups, a key made by md5, and patterns; files are all text."""
    project = Project.load(Path(examples.__path__[0]) / "food_delivery")
    names = {name: project.required_columns(name) + project.optional_columns(name) for name in project.settings.sources}
    names |= {"order_slots": ["slot", "customer_id", "order_amount"], "review_dates": ["customer_id", "reviewed_at"]}
    schemas = {name: pa.schema([(c, pa.string()) for c in own], metadata=NO_KEY) for name, own in names.items()}
    return project, derive_shapes(project, schemas), "latest"


def nested() -> Made:
    """Orders of an API: values inside columns, lists, lists in lists, odd names, and lookups by a value inside a column."""
    head = {"order_id": "id", "ordered_at": "at", "customer_id": "buyer.id"}
    price = {"unit_price": "items.price", "product_id": """items."it's {{ x }}" """, "line_number": "_position"}
    lines = {"explode": "items", "where": "items.price is not null", "columns": {**head, **price, "region": "who.city"}}
    parts = {"explode": "parcels.boxes.contents", "key": ["product_id"]}
    parts["columns"] = {"product_id": "parcels.boxes.contents.sku", "category": "parcels.boxes.name"}
    people = {"customer_id": "buyer.id", "email": '"buyer".contact."e.mail"', "attributes": "all"}
    entities = {"order_lines": lines, "products": parts, "customers": {"columns": people}}
    lookups = {"who": {"source": "people", "on": {"ids.no": "buyer.id"}}}
    sources = {
        "shop": {"files": "*.json", "lookups": lookups, "entities": entities},
        "people": {"files": "people.json"},
        "typed": {"files": "*.parquet", "entities": {"orders": {"columns": {**head, "order_amount": "sums.total"}}}},
    }
    settings = ProjectSettings.model_validate({"shop": {"name": "Nested"}, "sources": sources})
    shapes = {
        "shop": shape("shop", ["id", "at", "buyer", "items", "parcels", "note"], [], "UTC"),
        "people": shape("people", ["ids", "city"], [], "UTC"),
        "typed": shape("typed", ["id"], ["at", "buyer", "sums"], "UTC"),
    }
    who = {f"who__{column}": f"who__{column}" for column in ("ids", "city")}
    shop = shapes["shop"]
    columns, text = {**shop.columns, **who}, shop.text_columns | set(who)
    shapes["shop"] = replace(shop, columns=columns, text_columns=text, lookups=("who",))
    return Project(HERE, settings), shapes, "latest"


def all_projects() -> dict[str, Made]:
    """By name; the nasty one with two methods of scoring, the others with the third."""
    limits = {"recency_days": [10, 20, 30, 40], "frequency_orders": [2, 3, 4, 5], "monetary_amounts": [1, 2.5, 3, 4e3]}
    return {
        "online retail": online_retail(),
        "cafe": example("cafe"),
        "customer 360": example("customer360", "2025-03-17"),
        "instacart": example(
            "instacart",
            aisles=["aisle"],
            departments=["department"],
            prices=["lowest_price", "price_step", "margin_rate"],
            returns=["return_rate"],
            regions=["region"],
        ),
        "food delivery": food_delivery(),
        "nasty": nasty(),
        "nasty by threshold": nasty(rfm={"method": "threshold", **limits}, as_of="latest"),
        "everything": everything(),
        "nested": nested(),
        "tables": tables(),
    }
