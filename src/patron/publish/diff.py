"""What a build did to gold: the rows of two snapshots compared, table by table, by the key of the table's grain."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patron.errors import EngineError, NothingBuiltError, SettingsError, did_you_mean
from patron.publish.old_snapshots import hold
from patron.publish.snapshot import Snapshot, load_current
from patron.transform.model_docs import find_data_test, load_model_docs

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class TableDiff:
    """The difference of one table.

    state: changed, new or gone. key: the columns by which rows were matched; without one, whole rows are compared, and
    a row that changed counts as one removed and one added. rows_before, rows_after: None where there was no table.
    columns: column -> matched rows in which it differs. new_columns, gone_columns, retyped_columns: of the table.
    """

    table: str
    state: str
    key: tuple[str, ...] = ()
    rows_before: int | None = None
    rows_after: int | None = None
    added: int = 0
    removed: int = 0
    changed: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    new_columns: tuple[str, ...] = ()
    gone_columns: tuple[str, ...] = ()
    retyped_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class GoldDiff:
    """The difference of two snapshots. before, after: their names. same: how many tables did not change."""

    before: str
    after: str
    tables: list[TableDiff]
    same: int

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


@dataclass(frozen=True)
class Build:
    """A build of gold: a folder of snapshots, and one of them. snapshot: what is known of it, if it is current."""

    published: Path
    name: str
    snapshot: Snapshot | None

    @property
    def folder(self) -> Path:
        """The folder of its files."""
        return self.published / self.name

    def list_tables(self) -> list[str]:
        """List its tables."""
        return sorted(path.stem for path in self.folder.glob("*.parquet"))


def find_current(published: Path) -> Build:
    """Find what is published now. Raises NothingBuiltError."""
    snapshot = load_current(published)
    if snapshot is None:
        raise NothingBuiltError("Nothing is published there.", where=str(published), do="run `patron run` first")
    return Build(published, snapshot.name, snapshot)


def find_build(published: Path, name: str | None = None) -> Build:
    """Find a snapshot by its name; without a name, the one before the current one.

    Raises NothingBuiltError where nothing is, or was, published; SettingsError for an unknown name.
    """
    current = find_current(published)
    kept = sorted(path.name for path in published.iterdir() if path.is_dir() and path.name <= current.name)
    if name is None:
        earlier = [one for one in kept if one < current.name]
        if not earlier:
            do = "run again after a change, or name a folder: --state"
            raise NothingBuiltError("There is one snapshot, and none to compare it with.", where=str(published), do=do)
        return Build(published, earlier[-1], None)
    if name == current.name:
        return current
    if name not in kept:
        do = did_you_mean(name, kept, f"kept snapshots: {', '.join(kept)}")
        raise SettingsError(f"There is no snapshot {name!r}.", where=str(published), do=do)
    return Build(published, name, None)


def compare_builds(before: Build, after: Build) -> GoldDiff:
    """Compare the gold of two builds. Raises EngineError if a published file is missing or damaged."""
    import duckdb

    old, new = before.list_tables(), after.list_tables()
    found = []
    with duckdb.connect(":memory:", config={"python_enable_replacements": "false"}) as connection:
        for build in (before, after):
            hold(build.folder, connection)
        try:
            for table in sorted({*old, *new}):
                found.append(_compare_table(connection, table, before, after))
        except duckdb.Error as error:
            what = f"A published table cannot be read: {str(error).splitlines()[0]}"
            raise EngineError(what, where=str(after.published), do="run `patron run` again") from error
    changed = [diff for diff in found if diff is not None]
    return GoldDiff(before.name, after.name, changed, len(found) - len(changed))


def _compare_table(connection: duckdb.DuckDBPyConnection, table: str, before: Build, after: Build) -> TableDiff | None:
    """Compare one table; None if nothing in it differs."""
    files = [build.folder / f"{table}.parquet" for build in (before, after)]
    if not files[0].exists():
        return TableDiff(table, "new", rows_after=_count(connection, files[1]), added=_count(connection, files[1]))
    if not files[1].exists():
        return TableDiff(table, "gone", rows_before=_count(connection, files[0]), removed=_count(connection, files[0]))
    if files[0].samefile(files[1]) or _has_same_content(table, before, after):
        return None
    for name, file in zip(("before_rows", "after_rows"), files, strict=True):
        connection.execute(f"create or replace temp view {name} as select * from read_parquet({_quote(file)})")
    diff = _compare_rows(connection, table)
    is_same = not (diff.added or diff.removed or diff.changed)
    has_same_shape = not (diff.new_columns or diff.gone_columns or diff.retyped_columns)
    return None if is_same and has_same_shape else diff


def _has_same_content(table: str, before: Build, after: Build) -> bool:
    if before.snapshot is None or after.snapshot is None:
        return False
    known = before.snapshot.contents.get(table)
    return known is not None and known == after.snapshot.contents.get(table)


def _compare_rows(connection: duckdb.DuckDBPyConnection, table: str) -> TableDiff:
    old, new = (_describe(connection, name) for name in ("before_rows", "after_rows"))
    both = [column for column in new if column in old]
    key = tuple(column for column in find_key(table) if column in both)
    if key != find_key(table) or not _is_key(connection, key):
        key = ()
    compare = _compare_by_key if key else _compare_whole_rows
    added, removed, changed, columns = compare(connection, both, key, {c for c in both if old[c] != new[c]})
    return TableDiff(
        table,
        "changed",
        key,
        rows_before=_count_rows(connection, "before_rows"),
        rows_after=_count_rows(connection, "after_rows"),
        added=added,
        removed=removed,
        changed=changed,
        columns=columns,
        new_columns=tuple(column for column in new if column not in old),
        gone_columns=tuple(column for column in old if column not in new),
        retyped_columns=tuple(column for column in both if old[column] != new[column]),
    )


_Found = tuple[int, int, int, dict[str, int]]


def _compare_by_key(
    connection: duckdb.DuckDBPyConnection, columns: list[str], key: tuple[str, ...], retyped: set[str]
) -> _Found:
    """Count rows added, removed and changed, and the changed rows of each column."""
    values = [column for column in columns if column not in key]
    on = " and ".join(f"o.{_name(column)} is not distinct from n.{_name(column)}" for column in key)
    differs = {column: _differs(column, is_retyped=column in retyped) for column in values}
    matched = "o._is_there and n._is_there"
    counts = [
        "count(*) filter (where o._is_there is null)",
        "count(*) filter (where n._is_there is null)",
        f"count(*) filter (where {matched} and ({' or '.join(differs.values()) or 'false'}))",
        *(f"count(*) filter (where {matched} and {differ})" for differ in differs.values()),
    ]
    sides = [f"(select *, true as _is_there from {name})" for name in ("before_rows", "after_rows")]
    sql = f"select {', '.join(counts)} from {sides[0]} as o full outer join {sides[1]} as n on {on}"
    row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0], row[1], row[2], {column: count for column, count in zip(values, row[3:], strict=True) if count}


def _compare_whole_rows(
    connection: duckdb.DuckDBPyConnection, columns: list[str], _key: tuple[str, ...], retyped: set[str]
) -> _Found:
    listed = ", ".join(_as_text(column, "r") if column in retyped else _name(column) for column in columns)
    both = [f"select {listed} from {name} as r" for name in ("after_rows", "before_rows")]
    counts = []
    for one, other in (both, both[::-1]):
        row = connection.execute(f"select count(*) from ({one} except all {other})").fetchone()
        assert row is not None
        counts.append(int(row[0]))
    return counts[0], counts[1], 0, {}


def _differs(column: str, *, is_retyped: bool) -> str:
    sides = [_as_text(column, side) if is_retyped else f"{side}.{_name(column)}" for side in ("o", "n")]
    return f"{sides[0]} is distinct from {sides[1]}"


def _as_text(column: str, side: str) -> str:
    return f"cast({side}.{_name(column)} as varchar)"


def find_key(table: str) -> tuple[str, ...]:
    """Find the columns that name a row of a gold table, as the data test of its grain does; none where it has none."""
    return tuple(find_data_test(load_model_docs(table)).get("key", ()))


def _is_key(connection: duckdb.DuckDBPyConnection, key: tuple[str, ...]) -> bool:
    """Whether no two rows share the key, on either side."""
    listed = ", ".join(_name(column) for column in key)
    sql = " union all ".join(
        f"(select 1 from {name} group by {listed} having count(*) > 1 limit 1)"
        for name in ("before_rows", "after_rows")
    )
    return connection.execute(sql).fetchone() is None if key else False


def _describe(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(f"describe {name}").fetchall()}


def _count_rows(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    row = connection.execute(f"select count(*) from {name}").fetchone()
    return int(row[0]) if row else 0


def _count(connection: duckdb.DuckDBPyConnection, file: Path) -> int:
    return _count_rows(connection, f"read_parquet({_quote(file)})")


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _quote(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
