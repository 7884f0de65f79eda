"""`patron audience`: a list of people to contact, with a random part held out and kept on record."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.activate.holdout import held_out
from patron.activate.members import People
from patron.activate.record import held_out_elsewhere, kept, slug
from patron.activate.selection import Chosen, chosen, chosen_by_sql
from patron.activate.to_file import write_file
from patron.activate.to_postgres import write_table
from patron.contract.personal_data import personal_columns
from patron.errors import SettingsError
from patron.publish.postgres.transaction import Destination, destination
from patron.publish.reader import open_published
from patron.publish.snapshot import Snapshot, current

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.project.project import Project

DEFAULT_BY = "net_amount"
_ALWAYS = ("segment", "churn_group", "clv_tier", "recommended_action")
_COMPARED = ("net_amount", "order_count", "days_since_last_order")
LEAST_HELD_OUT = 30
_FILES = (".csv", ".parquet")


@dataclass(frozen=True)
class Wish:
    """What is asked for. sql: text of a select that gives customer_id; name is then the audience's own.

    top: of these, the first so many by `by`; the holdout is drawn from them. columns: beside those that every list has.
    holdout: a share, 0 to 0.9; None: as the settings say. to: a .csv or .parquet file, postgres://..., or the name of
    an environment variable that holds it; None: nothing is written or recorded. table: in PostgreSQL.
    """

    name: str
    sql: str | None = None
    top: int | None = None
    by: str | None = None
    region: str | None = None
    channel: str | None = None
    holdout: float | None = None
    columns: tuple[str, ...] = ()
    seed: int = 1
    to: str | None = None
    table: str | None = None


@dataclass
class Audience:
    """What was made. chosen_from: how many there were without `top`. means: of treatment and holdout."""

    name: str
    id: str | None
    as_of: str
    chosen_from: int
    people: int
    treatment: int
    held_out: int
    by: str
    columns: list[str]
    means: dict[str, list[float | None]]
    to: str | None = None
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def audience(project: Project, wish: Wish) -> Audience:
    """Choose people, hold a part of them out, write the others to `wish.to`, and keep a record of both.

    Raises SettingsError (unknown name, column or place; a personal column without permission), EmptyAudienceError,
    NothingBuiltError before the first run, EngineError and DestinationError where it cannot be written.
    """
    wanted = tuple(name.strip().lower() for name in wish.columns)
    _refuse_personal(project, wanted)
    target = _target(wish)
    with _gold(project) as (connection, snapshot):
        who = chosen(connection, wish.name) if wish.sql is None else chosen_by_sql(connection, wish.name, wish.sql)
        people = People(connection)
        by = people.measure(wish.by or DEFAULT_BY)
        shown = list(dict.fromkeys(["customer_id", *_ALWAYS, by, *map(people.column, wanted)]))
        where = _filters(people, wish)
        rows, count = people.ranked(who, [*shown[1:], *_COMPARED], by, wish.top, where)
        last = connection.execute("select max(order_date) from fct_orders").fetchone()[0]
    share = project.settings.audiences.holdout if wish.holdout is None else wish.holdout
    is_held_out = held_out(who.key, rows.column("customer_id").to_pylist(), share, wish.seed)
    made = _Made(project, wish, who, snapshot, rows, is_held_out, by, shown, count, share, where, last)
    return made.preview() if target is None else made.exported(target)


@dataclass
class _Made:
    """An audience on its way out."""

    project: Project
    wish: Wish
    who: Chosen
    snapshot: Snapshot
    rows: pa.Table
    is_held_out: list[bool]
    by: str
    shown: list[str]
    count: int
    share: float
    where: dict[str, str]
    last: dt.date | None

    def preview(self) -> Audience:
        held = sum(self.is_held_out)
        sizes = self.rows.num_rows, self.rows.num_rows - held, held
        as_of = self.snapshot.as_of
        return Audience(
            self.who.name,
            None,
            as_of,
            self.count,
            *sizes,
            self.by,
            self.shown,
            self._means(),
            warnings=self._warnings(),
        )

    def exported(self, target: Path | Destination) -> Audience:
        report = self.preview()
        if not report.treatment:
            do = "hold fewer out, or choose more people"
            raise SettingsError("Everybody would be held out.", where="patron audience --holdout", do=do)
        report.warnings += self._overlaps()
        with kept(self.project.audiences, self._said(report, target), self._members()) as record:
            contacted = self._part(held_out=False).select(self.shown)
            if isinstance(target, Path):
                write_file(contacted, target)
            else:
                write_table(contacted, target, self._table())
        report.id, report.to = record.id, record.exported["to"]
        return report

    def _said(self, report: Audience, target: Path | Destination) -> dict[str, Any]:
        place = str(target.resolve()) if isinstance(target, Path) else f"PostgreSQL table {self._table()}"
        definition = {"kind": self.who.kind, "key": self.who.key, "sql": self.wish.sql, **self.where}
        return {
            **{"name": self.who.name, "definition": {**definition, "top": self.wish.top, "by": self.by}},
            **{"made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "as_of": self.snapshot.as_of},
            **{"snapshot": self.snapshot.name, "counted_after": self.last and self.last.isoformat()},
            **{"measure_days": self.project.settings.audiences.measure_days, "seed": self.wish.seed},
            **{"holdout": self.share, "people": report.people, "treatment": report.treatment},
            **{"held_out": report.held_out, "means": report.means, "exported": {"to": place, "columns": self.shown}},
        }

    def _members(self) -> pa.Table:
        import pyarrow as pa

        places = pa.array(range(1, self.rows.num_rows + 1), pa.int64())
        columns = {"customer_id": self.rows.column("customer_id"), "is_held_out": self.is_held_out, "place": places}
        return pa.table(columns)

    def _part(self, *, held_out: bool) -> pa.Table:
        import pyarrow as pa

        return self.rows.filter(pa.array([one is held_out for one in self.is_held_out], pa.bool_()))

    def _means(self) -> dict[str, list[float | None]]:
        parts = [self._part(held_out=False), self._part(held_out=True)]
        names = dict.fromkeys([self.by, *_COMPARED])
        return {name: [_mean(part.column(name)) for part in parts] for name in names}

    def _table(self) -> str:
        return self.wish.table or f"public.audience_{slug(self.who.name)}"

    def _warnings(self) -> list[str]:
        held, found = sum(self.is_held_out), []
        if self.share and held < LEAST_HELD_OUT:
            few = f"Only {held} of {self.rows.num_rows} are held out: too few to tell later what contacting did"
            found.append(f"{few}. Choose more people, or a larger --holdout.")
        unranked = self.rows.column(self.by).null_count
        if unranked:
            found.append(f"{unranked} of {self.rows.num_rows} have no {self.by}; they come last, by id.")
        return found

    def _overlaps(self) -> list[str]:
        ids = set(self._part(held_out=False).column("customer_id").to_pylist())
        return [
            f"{count} of those to be contacted are held out of {record.id}, which is measured until "
            f"{record.counted_until}: contacting them blurs what it shows."
            for record, count in held_out_elsewhere(self.project.audiences, ids, self.last)
        ]


def _mean(column: Any) -> float | None:
    import pyarrow.compute as pc

    mean = pc.mean(column.cast("double")).as_py()
    return None if mean is None else float(mean)


@contextmanager
def _gold(project: Project) -> Iterator[tuple[Any, Snapshot]]:
    """A connection to gold, and the snapshot that it sees."""
    while True:
        before = current(project.published)
        with open_published(project.published) as connection:
            if before is not None and before == current(project.published):
                yield connection, before
                return


def _refuse_personal(project: Project, columns: tuple[str, ...]) -> None:
    allowed = project.settings.audiences.personal
    refused = [name for name in columns if name in personal_columns() and name not in allowed]
    if refused:
        listed = ", ".join([*allowed, *refused])
        do = f"if the list may hold them, say so in patron.yaml: `audiences: {{personal: [{listed}]}}`"
        what = f"{', '.join(refused)}: personal, and patron.yaml does not let it leave."
        raise SettingsError(what, where="patron audience --with", do=do)


def _target(wish: Wish) -> Path | Destination | None:
    """Where it goes. Raises SettingsError where that is neither a file nor a server."""
    where = "patron audience --to"
    if wish.to is None:
        return None
    path = Path(wish.to).expanduser()
    if path.suffix.lower() in _FILES and "://" not in wish.to:
        if wish.table:
            raise SettingsError("A file has no table.", where=where, do="leave --table away, or name a server")
        return path
    if "://" in wish.to or (wish.to.replace("_", "a").isalnum() and (wish.to in os.environ or wish.to.isupper())):
        return destination(wish.to, where)
    do = "name a .csv or .parquet file, postgres://user@host/database, or an environment variable that holds that"
    raise SettingsError("`--to` names neither a list's file nor a server.", where=where, do=do)


def _filters(people: People, wish: Wish) -> dict[str, str]:
    asked = {"region": (wish.region, "--region"), "preferred_channel": (wish.channel, "--channel")}
    return {column: people.value(column, value, option) for column, (value, option) in asked.items() if value}
