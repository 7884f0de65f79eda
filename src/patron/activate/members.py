"""Whoever is in an audience, best first, with what gold says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patron.contract.metrics import row_value
from patron.errors import PatronError, SettingsError, did_you_mean
from patron.ingest.postgres.connection import literal, quoted

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.activate.selection import Chosen

_TABLES = ("customer_360", "customer_clv", "customer_churn", "customer_clusters", "dim_customer")
"""Of a column that several have, the first's is read."""

VALUE_AT_STAKE = "value_at_stake"
_ADDED = {VALUE_AT_STAKE: row_value("value_at_stake", "customer_risk")}
_NUMBERS = ("INTEGER", "BIGINT", "DOUBLE", "DECIMAL", "HUGEINT", "SMALLINT", "FLOAT")


class EmptyAudienceError(PatronError):
    """Nobody is in the audience."""

    exit_code = 3
    kind = "empty_audience"


class People:
    """All customers as one relation of a connection to gold: what the wide table, predictions and their card say."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.types: dict[str, str] = {}
        parts = []
        for table in _TABLES:
            columns = {row[0]: row[1] for row in connection.execute(f"describe {table}").fetchall()}
            new = [name for name in columns if name not in self.types]
            self.types |= {name: columns[name] for name in new}
            parts.append(", ".join(f"{table}.{quoted(name)}" for name in new))
        joins = " ".join(f"left join {table} using (customer_id)" for table in _TABLES[1:])
        self._sql = f"select {', '.join(filter(None, parts))} from {_TABLES[0]} {joins}"
        for name, formula in _ADDED.items():
            self._sql = f"select *, {formula} as {name} from ({self._sql})"
            self.types[name] = "DOUBLE"

    def measure(self, asked: str) -> str:
        """The number that people are ranked by. Raises SettingsError with the nearest."""
        name = asked.strip().lower().replace(" ", "_")
        numbers = [column for column, kind in self.types.items() if kind.partition("(")[0] in _NUMBERS]
        return self._known(name, numbers, "--by", "number")

    def column(self, asked: str) -> str:
        """A column to be exported. Raises SettingsError with the nearest."""
        return self._known(asked.strip().lower(), list(self.types), "--with", "column")

    @staticmethod
    def _known(name: str, known: list[str], option: str, what: str) -> str:
        if name in known:
            return name
        do = did_you_mean(name, known, count=3) or "`patron tables customer_360` lists most"
        raise SettingsError(f"There is no {what} {name!r} of customers.", where=f"patron audience {option}", do=do)

    def value(self, column: str, asked: str, option: str) -> str:
        """A value that some customer has, in any case. Raises SettingsError with the nearest."""
        sql = f"select distinct {column} from customer_360 where {column} is not null order by 1"
        known = {row[0].lower(): row[0] for row in self.connection.execute(sql).fetchall()}
        if asked.lower() in known:
            return str(known[asked.lower()])
        some = ", ".join(list(known.values())[:12]) or "none: the shop's customers have no such value"
        do = did_you_mean(asked, known.values()) or f"there are {some}"
        raise SettingsError(f"No customer has the {column} {asked!r}.", where=f"patron audience {option}", do=do)

    def ranked(
        self, who: Chosen, columns: list[str], by: str, top: int | None, where: dict[str, str]
    ) -> tuple[pa.Table, int]:
        """The `top` first by `by`, largest first, equals by id; and how many there are without that end.

        Columns: customer_id, then `columns`. Raises EmptyAudienceError.
        """
        conditions = [who.condition, *(f"{column} = {literal(value)}" for column, value in where.items())]
        chosen = f"from ({self._sql}) where {' and '.join(conditions)}"
        count = self.connection.execute(f"select count(*) {chosen}").fetchone()[0]
        if not count:
            said = "".join(f", {column} {value}" for column, value in where.items())
            raise EmptyAudienceError(f"Nobody is in {who.name!r}{said}.", where="patron audience", do="widen it")
        listed = ", ".join(map(quoted, dict.fromkeys(["customer_id", *columns])))
        order = f"order by {quoted(by)} desc nulls last, customer_id"
        limit = "" if top is None else f"limit {top}"
        return self.connection.execute(f"select {listed} {chosen} {order} {limit}").to_arrow_table(), count
