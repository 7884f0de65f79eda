"""The customers of an audience, ranked, with what gold says about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.contract.metrics import row_value
from patron.errors import PatronError, SettingsError, did_you_mean
from patron.ingest.quoting import quote_identifier, quote_literal

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.activate.selection import Selection

_TABLES = ("customer_360", "customer_clv", "customer_churn", "customer_clusters", "dim_customer")
"""A column that several tables have is read from the first."""

VALUE_AT_STAKE = "value_at_stake"
_ADDED = {VALUE_AT_STAKE: row_value("value_at_stake", "customer_risk")}
_NUMBERS = ("INTEGER", "BIGINT", "DOUBLE", "DECIMAL", "HUGEINT", "SMALLINT", "FLOAT")


class EmptyAudienceError(PatronError):
    """No customers match the audience."""

    exit_code = 3
    kind = "empty_audience"


class Customers:
    """All customers as one relation of a connection to gold: the wide table, predictions and personal data."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.types: dict[str, str] = {}
        parts = []
        for table in _TABLES:
            columns = {row[0]: row[1] for row in connection.execute(f"describe {table}").fetchall()}
            new = [name for name in columns if name not in self.types]
            self.types |= {name: columns[name] for name in new}
            parts.append(", ".join(f"{table}.{quote_identifier(name)}" for name in new))
        joins = " ".join(f"left join {table} using (customer_id)" for table in _TABLES[1:])
        self._sql = f"select {', '.join(filter(None, parts))} from {_TABLES[0]} {joins}"
        for name, formula in _ADDED.items():
            self._sql = f"select *, {formula} as {name} from ({self._sql})"
            self.types[name] = "DOUBLE"

    def find_measure(self, name: str) -> str:
        """Find the numeric column to rank by. Raises SettingsError with the nearest."""
        name = name.strip().lower().replace(" ", "_")
        numbers = [column for column, kind in self.types.items() if kind.partition("(")[0] in _NUMBERS]
        return self._find_known(name, numbers, "--by", "number")

    def find_column(self, name: str) -> str:
        """Find a column to export. Raises SettingsError with the nearest."""
        return self._find_known(name.strip().lower(), list(self.types), "--with", "column")

    @staticmethod
    def _find_known(name: str, known: list[str], option: str, what: str) -> str:
        if name in known:
            return name
        do = did_you_mean(name, known, count=3) or "`patron tables customer_360` lists most of them"
        raise SettingsError(f"Customers have no {what} {name!r}.", where=f"patron audience create {option}", do=do)

    def find_value(self, column: str, value: str, option: str) -> str:
        """Find a value that some customer has, in any case. Raises SettingsError with the nearest."""
        sql = f"select distinct {column} from customer_360 where {column} is not null order by 1"
        known = {row[0].lower(): row[0] for row in self.connection.execute(sql).fetchall()}
        if value.lower() in known:
            return str(known[value.lower()])
        some = ", ".join(list(known.values())[:12]) or "none"
        do = did_you_mean(value, known.values()) or f"there are {some}"
        what = f"No customer has the {column} {value!r}."
        raise SettingsError(what, where=f"patron audience create {option}", do=do)

    def rank(
        self, who: Selection, columns: list[str], by: str, top: int | None, where: dict[str, str]
    ) -> tuple[pa.Table, int]:
        """Rank the selected customers by `by`, largest first and ties by id.

        Returns the first `top` (customer_id, then `columns`), and how many there are. Raises EmptyAudienceError.
        """
        conditions = [who.condition, *(f"{column} = {quote_literal(value)}" for column, value in where.items())]
        chosen = f"from ({self._sql}) where {' and '.join(conditions)}"
        count = self.connection.execute(f"select count(*) {chosen}").fetchone()[0]
        if not count:
            filters = "".join(f", {column} {value}" for column, value in where.items())
            what = f"No customers match {who.name!r}{filters}."
            raise EmptyAudienceError(what, where="patron audience create", do="widen the selection")
        listed = ", ".join(map(quote_identifier, dict.fromkeys(["customer_id", *columns])))
        order = f"order by {quote_identifier(by)} desc nulls last, customer_id"
        limit = "" if top is None else f"limit {top}"
        return self.connection.execute(f"select {listed} {chosen} {order} {limit}").to_arrow_table(), count
