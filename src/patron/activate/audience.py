"""Create an audience: a list of customers to contact, with a random control group that is held out and recorded."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.activate.holdout import draw_holdout
from patron.activate.members import Customers
from patron.activate.record import find_overlaps, keep_record, to_slug
from patron.activate.selection import Selection, select_by_label, select_by_sql
from patron.activate.to_file import write_file
from patron.activate.to_postgres import write_table
from patron.contract.personal_data import list_personal_columns
from patron.errors import SettingsError
from patron.files import begins_with_columns, refuse_to_overwrite
from patron.project.protected_files import refuse_protected
from patron.publish.postgres.transaction import Destination, parse_destination
from patron.publish.reader import open_published
from patron.publish.snapshot import Snapshot, load_current

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.project.project import Project

DEFAULT_BY = "net_amount"
_ALWAYS = ("segment", "churn_group", "clv_tier", "recommended_action")
_COMPARED = ("net_amount", "order_count", "days_since_last_order")
LEAST_HELD_OUT = 30
_FILES = (".csv", ".parquet")


@dataclass(frozen=True)
class AudienceRequest:
    """A request to export customers.

    name: a segment, churn group, tier or cluster; with sql, a name of your own.
    sql: a select over gold that returns customer_id.
    top: only the first so many by `by` (net_amount, if None); the control group is drawn from them.
    region, channel: only customers with these.
    holdout: the share of the control group, 0 to 0.9; if None, audiences.holdout of patron.yaml.
    columns: to export beside those that every list has.
    seed: another seed draws another control group.
    to: a .csv or .parquet file, postgres://..., or the name of an environment variable that holds it; if None, nothing
    is written or recorded. table: in PostgreSQL, as schema.table. overwrite: a file that patron did not write, too.
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
    overwrite: bool = False


@dataclass
class Audience:
    """An audience that was created.

    id: None for a preview. chosen_from: the number of customers without `top`. people: treatment + held_out.
    means: column -> its mean in the treatment and in the control group.
    """

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
        """Return the audience as `--json` prints it."""
        return asdict(self)


def create_audience(project: Project, request: AudienceRequest) -> Audience:
    """Select customers, hold out a control group, write the others to `request.to`, and record both.

    Raises SettingsError (unknown name, column or destination; a personal column without permission),
    EmptyAudienceError, NothingBuiltError before the first run, EngineError or DestinationError if it cannot be written.
    """
    wanted = tuple(name.strip().lower() for name in request.columns)
    _refuse_personal(project, wanted)
    target = _parse_target(request)
    if isinstance(target, Path):
        _refuse_target(project, target, overwrite=request.overwrite)
    with _open_gold(project) as (connection, snapshot):
        if request.sql is None:
            who = select_by_label(connection, request.name)
        else:
            who = select_by_sql(connection, request.name, request.sql)
        people = Customers(connection)
        by = people.find_measure(request.by or DEFAULT_BY)
        shown = list(dict.fromkeys(["customer_id", *_ALWAYS, by, *map(people.find_column, wanted)]))
        where = _resolve_filters(people, request)
        rows, count = people.rank(who, [*shown[1:], *_COMPARED], by, request.top, where)
        last = connection.execute("select max(order_date) from fct_orders").fetchone()[0]
    share = project.settings.audiences.holdout if request.holdout is None else request.holdout
    is_held_out = draw_holdout(who.key, rows.column("customer_id").to_pylist(), share, request.seed)
    draft = _Draft(project, request, who, snapshot, rows, is_held_out, by, shown, count, share, where, last)
    return draft.preview() if target is None else draft.export(target)


@dataclass
class _Draft:
    """An audience that is selected and not written yet."""

    project: Project
    request: AudienceRequest
    who: Selection
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
            self._compare_means(),
            warnings=self._list_warnings(),
        )

    def export(self, target: Path | Destination) -> Audience:
        report = self.preview()
        if not report.treatment:
            do = "hold fewer out, or select more customers"
            raise SettingsError("Every customer would be held out.", where="patron audience create --holdout", do=do)
        report.warnings += self._warn_of_overlaps()
        with keep_record(self.project.audiences, self._build_facts(report, target), self._build_members()) as record:
            contacted = self._select_part(held_out=False).select(self.shown)
            if isinstance(target, Path):
                write_file(contacted, target)
            else:
                write_table(contacted, target, self._name_table())
        report.id, report.to = record.id, record.exported["to"]
        return report

    def _build_facts(self, report: Audience, target: Path | Destination) -> dict[str, Any]:
        place = str(target.resolve()) if isinstance(target, Path) else f"PostgreSQL table {self._name_table()}"
        definition = {"kind": self.who.kind, "key": self.who.key, "sql": self.request.sql, **self.where}
        return {
            **{"name": self.who.name, "definition": {**definition, "top": self.request.top, "by": self.by}},
            **{"made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "as_of": self.snapshot.as_of},
            **{"snapshot": self.snapshot.name, "counted_after": self.last and self.last.isoformat()},
            **{"measure_days": self.project.settings.audiences.measure_days, "seed": self.request.seed},
            **{"holdout": self.share, "people": report.people, "treatment": report.treatment},
            **{"held_out": report.held_out, "means": report.means, "exported": {"to": place, "columns": self.shown}},
        }

    def _build_members(self) -> pa.Table:
        import pyarrow as pa

        places = pa.array(range(1, self.rows.num_rows + 1), pa.int64())
        columns = {"customer_id": self.rows.column("customer_id"), "is_held_out": self.is_held_out, "place": places}
        return pa.table(columns)

    def _select_part(self, *, held_out: bool) -> pa.Table:
        import pyarrow as pa

        return self.rows.filter(pa.array([one is held_out for one in self.is_held_out], pa.bool_()))

    def _compare_means(self) -> dict[str, list[float | None]]:
        parts = [self._select_part(held_out=False), self._select_part(held_out=True)]
        names = dict.fromkeys([self.by, *_COMPARED])
        return {name: [_compute_mean(part.column(name)) for part in parts] for name in names}

    def _name_table(self) -> str:
        return self.request.table or f"public.audience_{to_slug(self.who.name)}"

    def _list_warnings(self) -> list[str]:
        held, found = sum(self.is_held_out), []
        if self.share and held < LEAST_HELD_OUT:
            few = f"Only {held} of {self.rows.num_rows} are held out: too few to measure the effect later"
            found.append(f"{few}. Select more customers, or a larger --holdout.")
        unranked = self.rows.column(self.by).null_count
        if unranked:
            found.append(f"{unranked} of {self.rows.num_rows} have no {self.by}; they are ranked last, by id.")
        return found

    def _warn_of_overlaps(self) -> list[str]:
        ids = set(self._select_part(held_out=False).column("customer_id").to_pylist())
        return [
            f"{count} of the customers to contact are in the control group of {record.id}, which is measured until "
            f"{record.counted_until}: contacting them biases its result."
            for record, count in find_overlaps(self.project.audiences, ids, self.last)
        ]


def _compute_mean(column: Any) -> float | None:
    import pyarrow.compute as pc

    mean = pc.mean(column.cast("double")).as_py()
    return None if mean is None else float(mean)


@contextmanager
def _open_gold(project: Project) -> Iterator[tuple[Any, Snapshot]]:
    """Open gold, with the snapshot that the connection sees."""
    while True:
        before = load_current(project.published)
        with open_published(project.published) as connection:
            if before is not None and before == load_current(project.published):
                yield connection, before
                return


def _refuse_personal(project: Project, columns: tuple[str, ...]) -> None:
    allowed = project.settings.audiences.personal
    refused = [name for name in columns if name in list_personal_columns() and name not in allowed]
    if refused:
        listed = ", ".join([*allowed, *refused])
        do = f"to allow it, set `audiences: {{personal: [{listed}]}}` in patron.yaml"
        what = f"{', '.join(refused)}: personal data, which patron.yaml does not allow to be exported."
        raise SettingsError(what, where="patron audience create --with", do=do)


def _refuse_target(project: Project, path: Path, *, overwrite: bool) -> None:
    """Raise SettingsError for a file of the project, of a source, or, unless told, one that patron did not write."""
    where = "patron audience create --to"
    refuse_protected(project, path, where)
    if not overwrite:
        is_own = path.is_file() and begins_with_columns(path, ["customer_id", *_ALWAYS])
        refuse_to_overwrite(path, is_own=is_own, where=where)


def _parse_target(request: AudienceRequest) -> Path | Destination | None:
    """Parse the destination. Raises SettingsError if it is neither a file nor a server."""
    where = "patron audience create --to"
    if request.to is None:
        return None
    path = Path(request.to).expanduser()
    if path.suffix.lower() in _FILES and "://" not in request.to:
        if request.table:
            raise SettingsError("--table is for a PostgreSQL server, not a file.", where=where, do="leave out --table")
        return path
    if "://" in request.to or (
        request.to.replace("_", "a").isalnum() and (request.to in os.environ or request.to.isupper())
    ):
        return parse_destination(request.to, where)
    do = "name a .csv or .parquet file, postgres://user@host/database, or an environment variable that holds that"
    raise SettingsError("`--to` is neither a .csv or .parquet file nor a server.", where=where, do=do)


def _resolve_filters(people: Customers, request: AudienceRequest) -> dict[str, str]:
    filters = {"region": (request.region, "--region"), "preferred_channel": (request.channel, "--channel")}
    return {column: people.find_value(column, value, option) for column, (value, option) in filters.items() if value}
