"""Drafts the sources of a project from the user's tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from patron.errors import SourceError
from patron.examples.first_mapping.classify import Kinds, classify
from patron.examples.first_mapping.heads import (
    HeadReading,
    find_tax_of_heads,
    map_amount,
    map_control_total,
    map_head_values,
    read_head,
)
from patron.examples.first_mapping.keys import Key, find_keys
from patron.examples.first_mapping.lines import LinesContext, LinesReading, choose_customer, read_lines
from patron.examples.first_mapping.mapped import (
    EntityDraft,
    Mapped,
    SourceDraft,
    map_number,
    map_text,
    name_column,
    quote,
)
from patron.examples.first_mapping.order_settings import choose_statuses, find_currency, to_yaml
from patron.examples.first_mapping.questions import Question
from patron.examples.first_mapping.statuses import read_statuses
from patron.examples.first_mapping.tables import Table
from patron.examples.first_mapping.taxes import Tax, ask_about_tax, find_tax_of_lines
from patron.examples.first_mapping.things import read_thing, read_thing_of_lines
from patron.examples.first_mapping.words import score

_PLAIN_NULL_WORDS = {"nan", "null", "\\n", "n/a", "#n/a", "nat", "none"}
_FEWEST_ORDERS = 50
_FEWEST_TELLING = 2


@dataclass
class ProjectDraft:
    """The sources of a project, before they are written.

    currency: as the files say it; None if they do not. statuses: the setting spend_statuses, or a question about it;
    None without statuses. tax, amount: the settings of these names under `orders`. notes: what the user should know.
    ignored: files that are no source -> why.
    """

    sources: list[SourceDraft] = field(default_factory=list)
    currency: str | None = None
    statuses: tuple[str, ...] | Question | None = None
    tax: Tax | Question | None = None
    amount: str | None = None
    notes: list[str] = field(default_factory=list)
    ignored: dict[str, str] = field(default_factory=dict)


class _Drafter:
    def __init__(self, tables: list[Table], *, is_complete: bool) -> None:
        self.tables = {table.name: table for table in tables}
        self.keys = find_keys(tables)
        self.kinds: Kinds = classify(tables, self.keys)
        if is_complete and not {"orders", "order_lines"} & set(self.kinds.entities.values()):
            nearest = max(tables, key=_count_telling_columns)
            if _count_telling_columns(nearest) < _FEWEST_TELLING:
                what = "No file has columns that look like those of orders or of their lines."
                do = "see that the files' first lines name their columns, or start without --data and map them yourself"
                raise SourceError(what, where="--data", do=do)
            self.kinds.entities[nearest.name] = "order_lines"
        if not is_complete:
            self.kinds.entities = {n: k for n, k in self.kinds.entities.items() if k not in ("orders", "order_lines")}
        self.sources = {table.name: SourceDraft(table.name, table.patterns) for table in tables}
        self.heads: dict[str, HeadReading] = {}
        self.statuses: list[str] = []
        self.unknown_statuses: list[str] = []
        self.taxes: list[Tax] = []
        self.project = ProjectDraft()

    def draft(self) -> ProjectDraft:
        of_kind = {
            kind: [n for n, k in self.kinds.entities.items() if k == kind] for kind in self.kinds.entities.values()
        }
        for name in of_kind.get("orders", []):
            self._draft_head(name)
        for name in of_kind.get("order_lines", []):
            self._draft_lines(name)
        for name in of_kind.get("orders", []):
            self._finish_head(name)
        for name, kind in self.kinds.entities.items():
            if kind not in ("orders", "order_lines"):
                self._draft_thing(name, kind)
        self._collect()
        return self.project

    def _place(self, name: str) -> str:
        return f"sources.{name}"

    def _draft_head(self, name: str) -> None:
        table = self.tables[name]
        key = next((key for key in self.kinds.heads.values() if key.to_table == name), None)
        order_id = key.to_column if key is not None else table.find("order_id")
        assert order_id is not None
        customer = self._find_person(name)
        head = read_head(table, order_id, self._place(name), customer)
        head.draft.has_shared_orders = key is not None
        map_head_values(head.draft, table, has_lines=key is not None)
        self._map_status(head.draft, table)
        self.heads[name] = head
        self.sources[name].entities.append(head.draft)
        self._note_single_customers(name, head, customer)

    def _find_person(self, name: str) -> Mapped | None:
        """Find the person behind an id that is new with each order: the other id of the customers' table."""
        table = self.tables[name]
        for key in self.keys:
            if key.table != name or self.kinds.entities.get(key.to_table) != "customers":
                continue
            own, customers = table.columns[key.column], self.tables[key.to_table]
            if not score(key.column, "customer_id") or not own.is_nearly_unique or own.present < _FEWEST_ORDERS:
                continue
            for other, values in customers.columns.items():
                is_id = score(other, "customer_id") > 0.8 and other != key.to_column
                is_filled = values.present >= customers.columns[key.to_column].present
                if is_id and is_filled and len(values.texts) < len(customers.columns[key.to_column].texts):
                    self._look_up(name, key)
                    self.kinds.ids[key.to_table] = {"customer_id": other}
                    self.sources[name].notes.append(
                        f'each order has a "{key.column}" of its own; "{other}" is the person'
                    )
                    return Mapped(name_column(other, key.to_table))
        return None

    def _note_single_customers(self, name: str, head: HeadReading, person: Mapped | None) -> None:
        if head.customer is None or person is not None:
            return
        values = self.tables[name].columns[head.customer]
        if len(values.texts) == values.present >= _FEWEST_ORDERS:
            self.project.notes.append(
                f'{name}: no value of "{head.customer}" comes twice, so that nobody ever bought again. '
                "If another column says who bought, map it as customer_id."
            )

    def _look_up(self, name: str, key: Key) -> None:
        same = key.column == key.to_column
        on = name_column(key.column)
        self.sources[name].lookups[key.to_table] = (
            key.column if same else f"{{{to_yaml(key.to_column)}: {to_yaml(on)}}}"
        )

    def _draft_lines(self, name: str) -> None:
        table, key = self.tables[name], self.kinds.heads.get(name)
        context = LinesContext(table, self._place(name))
        if key is not None:
            head = self.heads[key.to_table]
            self._look_up(name, key)
            columns = {
                n: c
                for n, c in head.draft.columns.items()
                if n in ("customer_id", "status", "currency", "store_id", "channel")
            }
            context = LinesContext(
                table, self._place(name), self.tables[key.to_table], key.column, key.to_column, columns, key.to_table
            )
        context.catalogue_price = self._look_up_price(name)
        reading = read_lines(context)
        if "status" not in reading.draft.columns:
            self._map_status(reading.draft, table)
            self._fill_status_down(reading, table)
        self.sources[name].entities.append(reading.draft)
        if key is not None:
            head = self.heads[key.to_table]
            doubt = map_control_total(
                head.draft,
                self.tables[key.to_table],
                key.to_column,
                table,
                key.column,
                reading.money,
                self._place(key.to_table),
            )
            self.project.notes += [doubt] if doubt else []
            self._note_tax(
                find_tax_of_heads(
                    head.draft, self.tables[key.to_table], key.to_column, table, key.column, reading.money
                )
            )
        else:
            self._note_tax(find_tax_of_lines(reading.draft, reading.money))
        self._draft_things_of_lines(name, reading)

    def _look_up_price(self, name: str) -> Mapped | None:
        """Look up what products cost, for lines that have no money of their own."""
        table = self.tables[name]
        if table.find("unit_price") is not None or table.find("line_total") is not None:
            return None
        for key in self.keys:
            if key.table == name and self.kinds.entities.get(key.to_table) == "products":
                price = self.tables[key.to_table].find("list_price")
                if price is not None:
                    self._look_up(name, key)
                    return map_number(self.tables[key.to_table].columns[price], key.to_table)
        return None

    def _note_tax(self, tax: Tax | None) -> None:
        self.taxes += [tax] if tax is not None else []

    def _fill_status_down(self, reading: LinesReading, table: Table) -> None:
        mapped = reading.draft.columns.get("status")
        if isinstance(mapped, Mapped):
            values = table.columns[mapped.expression.strip('"')]
            if reading.money.lines.is_on_first_rows(values):
                reading.draft.fill_down.insert(0, "status")

    def _finish_head(self, name: str) -> None:
        if name not in {key.to_table for key in self.kinds.heads.values()}:
            map_amount(self.heads[name].draft, self.tables[name], self._place(name))

    def _map_status(self, draft: EntityDraft, table: Table) -> None:
        for name in table.list_fitting("status"):
            texts = sorted(table.columns[name].text_set)
            reading = read_statuses(texts, has_refunds="order_refund_amount" in draft.columns)
            if reading is not None and name not in table.used:
                draft.columns["status"] = map_text(name)
                table.used.add(name)
                self.statuses += reading.spend
                self.unknown_statuses += reading.unknown
                return

    def _draft_things_of_lines(self, name: str, reading: LinesReading) -> None:
        """Take customers and products off lines, where no table of their own describes them."""
        table, ordered_at = self.tables[name], reading.draft.columns.get("ordered_at")
        if not isinstance(ordered_at, Mapped):
            return
        known = set(self.kinds.entities.values())
        for entity, id_name in (("customers", "customer_id"), ("products", "product_id")):
            mapped = reading.draft.columns.get(id_name)
            if entity in known or not isinstance(mapped, Mapped):
                continue
            column = next((name for name in table.columns if name == mapped.expression.strip('"')), "")
            if column not in table.columns or (
                entity == "products" and score(column, "product_name") > score(column, "product_id")
            ):
                continue
            is_product = entity == "products"
            taken = {
                c
                for c in table.used
                if not (is_product and score(c, "product_name")) and not score(c, "country") and not score(c, "region")
            }
            thing = read_thing_of_lines(table, entity, column, mapped, ordered_at, taken)
            if thing is not None:
                thing.where = _skip_later_rows(thing, table, reading)
                thing.explode = table.explode if entity == "products" else None
                self.sources[name].entities.append(thing)

    def _draft_thing(self, name: str, kind: str) -> None:
        lookups = self._look_up_categories(name) if kind == "products" else {}
        if kind == "customers":
            self._follow_sales(name)
        draft = read_thing(self.tables[name], kind, self._place(name), self.kinds.ids.get(name, {}), lookups)
        draft.has_shared_orders = kind == "payments" and bool(self.kinds.heads)
        self.sources[name].entities.append(draft)

    def _follow_sales(self, name: str) -> None:
        """Know customers by what sales know them by: an e-mail address, where these give no number."""
        for other, source in self.sources.items():
            for entity in source.entities:
                mapped = entity.columns.get("customer_id")
                if entity.entity not in ("orders", "order_lines") or not isinstance(mapped, Mapped):
                    continue
                for key in self.keys:
                    is_it = (key.table, key.to_table) == (other, name) and key.column == mapped.expression.strip('"')
                    if is_it and score(key.to_column, "email"):
                        self.kinds.ids[name] = {"customer_id": key.to_column}
                        return

    def _look_up_categories(self, name: str) -> dict[str, Mapped]:
        """Look up the name of a category where products give its id."""
        for key in self.keys:
            other = self.tables[key.to_table]
            if key.table != name or key.to_table in self.kinds.entities or not _is_category(key.column):
                continue
            texts = [
                n
                for n, values in other.columns.items()
                if n != key.to_column and values.texts and values.numbers is None
            ]
            if texts:
                self._look_up(name, key)
                best = max(texts, key=lambda text: score(text, "category"))
                self.tables[name].used.add(key.column)
                other.used |= {best, key.to_column}
                return {"category": Mapped(name_column(best, key.to_table))}
        return {}

    def _collect(self) -> None:
        looked_up = {lookup for source in self.sources.values() for lookup in source.lookups}
        for name, source in self.sources.items():
            table = self.tables[name]
            if not source.entities and name not in looked_up:
                self.project.ignored[", ".join(table.patterns)] = (
                    "nothing in it is known to patron; map it if you need it"
                )
                continue
            source.null_values = _find_null_values(table)
            source.unmapped = [n for n, values in table.columns.items() if n not in table.used and source.entities]
            self.project.sources.append(source)
        sales = [self.tables[name] for name, kind in self.kinds.entities.items() if kind != "exchange_rates"]
        self.project.currency, several = find_currency(sales)
        self.project.notes += [several] if several else []
        self.project.statuses = choose_statuses(self.statuses, self.unknown_statuses)
        self._settle_orders()

    def _settle_orders(self) -> None:
        """Say how prices treat tax, as totals prove it, or ask where a refund needs it; and what order_amount is."""
        drafts = [entity for source in self.sources.values() for entity in source.entities]
        mapped = {name for draft in drafts for name in draft.columns if draft.entity in ("orders", "order_lines")}
        if mapped & {"tax_amount", "order_tax_amount"}:
            proven = set(self.taxes)
            self.project.tax = self.taxes[0] if len(proven) == 1 else None
            if self.project.tax is None and "order_refund_amount" in mapped:
                self.project.tax = ask_about_tax()
        alone = [draft for draft in drafts if draft.entity == "orders" and not draft.has_shared_orders]
        if any({"order_amount", "order_discount_amount"} <= draft.columns.keys() for draft in alone):
            self.project.amount = "goods"


def _skip_later_rows(thing: EntityDraft, table: Table, reading: LinesReading) -> str | None:
    """Leave out the rows of an order that repeat nothing of what its first row says."""
    lines = reading.money.lines
    read = [mapped.expression.strip('"') for mapped in thing.columns.values() if isinstance(mapped, Mapped)]
    blank = [name for name in read if name in table.columns and lines.is_on_first_rows(table.columns[name])]
    return f"{thing.where} and {quote(blank[0])} is not null" if blank else thing.where


def _count_telling_columns(table: Table) -> int:
    """Count the meanings of a sale that a table's headers have, for a table that must be asked about."""
    telling = (
        "order_id",
        "ordered_at",
        "product_id",
        "product_name",
        "quantity",
        "unit_price",
        "line_total",
    )
    return sum(table.find(meaning) is not None for meaning in telling) + (choose_customer(table) is not None)


def _is_category(column: str) -> bool:
    return score(column, "category") > 0 or "categor" in column.lower()


def _find_null_values(table: Table) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name, values in table.columns.items():
        if name in table.used:
            is_typed = values.numbers is not None or values.times is not None
            found |= dict.fromkeys(word for word in values.null_words if is_typed or word.lower() in _PLAIN_NULL_WORDS)
    return tuple(found)


def draft_project(tables: list[Table], *, is_complete: bool = True) -> ProjectDraft:
    """Draft the sources of a project.

    is_complete: whether the orders are among the tables; else none are looked for.
    """
    return _Drafter(tables, is_complete=is_complete).draft()
