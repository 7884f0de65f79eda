"""Proves that the tables are what they should be: rows accounted for, the ledger closed, rules held, data fresh.

Everything is computed again from the lake and the warehouse; nothing that a run wrote down is taken on trust.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from patron.contract.entities import entities
from patron.errors import NothingBuiltError, PatronError
from patron.files import translate_disk_errors
from patron.lake import landed_files
from patron.lake.technical_columns import TECHNICAL_COLUMNS
from patron.pipeline.check.order_statuses import doubt, order_statuses
from patron.pipeline.check.orders_without_lines import orders_without_lines
from patron.project.lock import project_lock
from patron.project.mapping import expressions
from patron.project.project import FILE_NAME, Project
from patron.project.settings.sources import FreshnessLimits
from patron.transform.last_event import last_event
from patron.transform.render.variables import mapped_columns

if TYPE_CHECKING:
    from patron.engines.engine import Warehouse
    from patron.lake import Lake
    from patron.publish.snapshot import Snapshot

Status = Literal["pass", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One thing that was checked."""

    section: str
    name: str
    status: Status
    detail: str


@dataclass(frozen=True)
class CheckReport:
    """All findings of a check."""

    findings: list[Finding]

    @property
    def failed(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.status == "fail"]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {"failed": len(self.failed), "findings": [asdict(finding) for finding in self.findings]}


def check(project: Project, *, against_full: bool = False, now: dt.datetime | None = None) -> CheckReport:
    """Check settings, files, rows, ledger, rules, quarantine, freshness and the published tables.

    against_full: also build everything again aside, from the lake, and compare every gold table.
    now: the moment that ages are measured at; the clock, if None. Raises NothingBuiltError before the first run.
    """
    from patron.engines import open_warehouse
    from patron.lake import Lake

    with project_lock(project.state), translate_disk_errors(project.state):
        warehouse = open_warehouse(project)
        try:
            if not warehouse.exists("gold", "customer_360"):
                raise NothingBuiltError(
                    "There is nothing to check yet.", where=str(project.root), do="run `patron run`"
                )
            checker = _Checker(project, Lake(project.lake), warehouse, now or dt.datetime.now(dt.UTC))
            with warehouse.held_open():
                findings = list(checker.findings())
            return CheckReport([*findings, *(checker.against_full() if against_full else ())])
        finally:
            warehouse.close()


class _Checker:
    def __init__(self, project: Project, lake: Lake, warehouse: Warehouse, now: dt.datetime) -> None:
        self.project, self.lake, self.warehouse, self.now = project, lake, warehouse, now

    def findings(self) -> Iterator[Finding]:
        sections = {
            "settings": self._settings,
            "files": self._files,
            "rows": self._rows,
            "ledger": self._ledger,
            "totals": self._totals,
            "amounts": self._amounts,
            "statuses": self._statuses,
            "orders": self._orders,
            "rules": self._rules,
            "quarantine": self._quarantine,
            "freshness": self._freshness,
            "published": self._published,
        }
        for name, section in sections.items():
            try:
                yield from section()
            except (PatronError, OSError) as error:  # what cannot be looked at does not hold
                yield Finding(name, "cannot be checked", "fail", " ".join(str(error).split()))

    def against_full(self) -> Iterator[Finding]:
        """Incremental equals full."""
        from patron.pipeline.check.against_full_build import against_full

        for compared in against_full(self.project, self.lake, self.warehouse, self._measured_as_of()):
            same = compared.is_same
            detail = f"equal to a full build: {compared.full.split(',')[0]}"
            if not same:
                detail = (
                    f"{compared.built.split(',')[0]} here, {compared.full.split(',')[0]} in a full build; not the same"
                )
            yield Finding("against full", f"gold.{compared.table}", "pass" if same else "fail", detail)

    def _settings(self) -> Iterator[Finding]:
        """Whether gold is what patron.yaml, the rule files and the lake would give now, at the day it was measured."""
        from patron.pipeline.run import gold_fingerprint
        from patron.publish.snapshot import current
        from patron.transform.render.dbt_project import fingerprint_of, project_files
        from patron.transform.render.source_schema import source_shapes

        shapes, warehouse = source_shapes(self.project, self.lake), self.warehouse
        warehouse.expose_bronze(self.lake, self.project.settings.sources)  # the folder may have been moved
        as_of = self._measured_as_of()
        files = project_files(self.project, shapes, warehouse.dialect, warehouse.dbt_profile(), as_of)
        snapshot = current(self.project.published)
        now = gold_fingerprint(self.project, self.lake, fingerprint_of(files), as_of)
        if snapshot is not None and snapshot.fingerprint != now:
            detail = "patron.yaml, a rule file, the models or the lake changed since gold was built; run `patron run`"
            yield Finding("settings", FILE_NAME, "fail", detail)
        else:
            yield Finding("settings", FILE_NAME, "pass", "gold is built from these settings and this lake")

    def _measured_as_of(self) -> str:
        from patron.pipeline.build import ASKED

        return str(self.warehouse.query(f"select as_of from {'.'.join(ASKED)}").to_pylist()[0]["as_of"])

    def _files(self) -> Iterator[Finding]:
        """What the landings say came in, against what the lake holds."""
        from patron.lake import way_out

        for source in self.project.settings.sources:
            table = self.lake.table(source)
            landed = landed_files(table)
            said = sum(file.rows_since(0) for file in landed)
            rejected = sum(file.rejected_rows for file in landed)
            gone = [path.name for path in table.files() if not path.exists()]
            if gone:
                detail = f"{len(gone):,} files of the lake are gone, such as {gone[0]}; {way_out(table.path)}"
                yield Finding("files", source, "fail", detail)
                continue
            try:
                table.check_files()
                if self.lake.rejected(source).exists:
                    self.lake.rejected(source).check_files()
            except PatronError as error:
                yield Finding("files", source, "fail", " ".join(str(error).split()))
                continue
            set_aside = self._rejected_count(source)
            held = self.warehouse.query(f"select count(*) as n from bronze.{source}").to_pylist()[0]["n"]
            is_table = self.project.settings.sources[source].postgres is not None
            files = f"{len(landed):,} {'landings' if is_table else 'files'}: {said:,} rows"
            if held != said:
                yield Finding("files", source, "fail", f"{files}, but bronze holds {held:,}")
            elif set_aside < rejected:
                detail = f"{files}, and {rejected:,} unreadable rows, of which rejected holds {set_aside:,}"
                yield Finding("files", source, "fail", detail)
            elif rejected:
                yield Finding("files", source, "warn", f"{files}, and {rejected:,} unreadable rows in rejected")
            else:
                yield Finding("files", source, "pass", f"{files}, all in bronze")

    def _rejected_count(self, source: str) -> int:
        rejected = self.lake.rejected(source)
        return rejected.row_count() if rejected.exists else 0

    def _rows(self) -> Iterator[Finding]:
        """rows in = silver + duplicates + deleted + quarantined + filtered."""
        yield from self._recounted("quarantined_rows", "count(*)", "quarantined")
        yield from self._recounted("filtered_rows", "sum(filtered_count)", "filtered")
        for row in self.warehouse.query(self._whole("quarantine", "row_accounting")).to_pylist():
            parts = {
                "silver": row["silver_count"],
                "duplicates": row["duplicate_count"],
                "deleted": row["deleted_count"],
                "quarantined": row["quarantined_count"],
                "filtered": row["filtered_count"],
            }
            missing = row["row_count"] - sum(parts.values())
            said = " + ".join(f"{count:,} {name}" for name, count in parts.items() if count or name != "deleted")
            detail = f"{row['row_count']:,} in = {said}"
            alike = self._exact_duplicates(row["source_name"], row["entity"])
            if alike:
                detail += f" ({alike:,} exact duplicates among them)"
            if missing:
                detail += f"; {abs(missing):,} {'lost' if missing > 0 else 'too many'}"
            yield Finding("rows", f"{row['source_name']} as {row['entity']}", "fail" if missing else "pass", detail)

    def _recounted(self, model: str, number: str, word: str) -> Iterator[Finding]:
        """Rows of bronze that are bad or left out, counted again."""
        counts = "select source_name, entity, {} as n from {} as rows_counted group by source_name, entity"
        fresh, stored = (
            {(row["source_name"], row["entity"]): row["n"] for row in self.warehouse.query(sql).to_pylist()}
            for sql in (
                counts.format(number, f"({self._whole('quarantine', model)})"),
                counts.format(number, f"quarantine.{model}"),
            )
        )
        for source, entity in sorted(fresh.keys() | stored.keys()):
            now, then = (found.get((source, entity), 0) for found in (fresh, stored))
            if now != then:
                yield Finding("rows", f"{source} as {entity}", "fail", f"{now:,} {word} in bronze, {then:,} on file")

    def _exact_duplicates(self, source: str, entity: str) -> int:
        """Rows alike in every column, beyond the first, where each row stands."""
        mapping = self.project.mappings_of(entity).get(source)
        dropped = self.project.settings.rules.exact_duplicates == "drop"
        if mapping is None or mapping.key or dropped or entities()[entity].kind != "event":
            return 0
        if self.project.settings.sources[source].postgres is not None:  # a row comes again with each change
            return 0
        own = [f.name for f in self.lake.table(source).schema() if f.name not in TECHNICAL_COLUMNS]
        alike = ", ".join(expressions.quoted(name, self.warehouse.dialect) for name in own)
        copies = f"select count(*) as copies from bronze.{source} group by {alike} having count(*) > 1"
        sql = f"select coalesce(sum(copies - 1), 0) as n from ({copies}) as repeated"
        return int(self.warehouse.query(sql).to_pylist()[0]["n"])

    def _ledger(self) -> Iterator[Finding]:
        """gross + discounts + refunds + other kinds = raw total, per source and day, to the penny."""
        sums = ", ".join(f"sum({name}) as {name}" for name in _LEDGER_SUMS)
        sql = f"select source_name, ledger_date, {sums} from ({self._whole('measures', 'batch_ledger')}) as batches "
        rows = self.warehouse.query(f"{sql} group by source_name, ledger_date order by ledger_date").to_pylist()
        built = {tuple(day.values()) for day in self.warehouse.query("select * from measures.ledger").to_pylist()}
        by_source: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            by_source.setdefault(row["source_name"], []).append(row)
        for source, days in sorted(by_source.items()):
            open_days = [day for day in days if _kinds_total(day) != day["raw_amount"]]
            total = sum(day["raw_amount"] or 0 for day in days)
            detail = f"{total:,} over {len(days):,} days"
            if open_days:
                first = open_days[0]
                off = (_kinds_total(first) or 0) - (first["raw_amount"] or 0)
                detail += f"; {len(open_days)} days do not close, first {first['ledger_date']} (off by {off})"
            changed = [day for day in days if tuple(day.values()) not in built]
            if changed:
                detail += f"; {len(changed)} days in silver are not what the measures were built from"
            yield Finding("ledger", source, "fail" if open_days or changed else "pass", detail)

    def _rules(self) -> Iterator[Finding]:
        """Each model's rules, as they were compiled, run again."""
        from patron.transform.compile_cache import kept

        compiled = sorted((self.project.compiled / "tests").glob("*.*.sql"))
        if not kept(self.project.compiled):
            detail = f"{self.project.compiled} is not as it was compiled; run `patron run --full-refresh`"
            yield Finding("rules", "all", "fail", detail)
        for path in compiled:
            broken = self.warehouse.query(path.read_text(encoding="utf-8")).to_pylist()
            detail = "; ".join(f"{row['broken_rule']} ({row['row_count']:,})" for row in broken) or "all rules hold"
            yield Finding("rules", path.stem, "fail" if broken else "pass", detail)

    def _totals(self) -> Iterator[Finding]:
        """Tests that hold several tables against each other."""
        for path in sorted((self.project.compiled / "tests").glob("*.sql")):
            if "." in path.stem:
                continue
            broken = self.warehouse.query(path.read_text(encoding="utf-8")).to_pylist()
            detail = "; ".join(f"{row['broken_rule']} is off by {row['difference']}" for row in broken)
            held = _TOTALS.get(path.stem, "adds up")
            yield Finding("totals", path.stem, "fail" if broken else "pass", detail or held)

    def _amounts(self) -> Iterator[Finding]:
        """Lines whose stated amount is not quantity x price: both are kept, quantity x price counts."""
        if "stated_amount" not in mapped_columns(self.project).get("order_lines", []):
            return
        sql = (
            "select source_name, count(stated_amount) as stated, count(case when is_amount_mismatch then 1 end) as n, "
            "sum(case when is_amount_mismatch then stated_amount - line_amount else 0 end) as off "
            "from silver.order_lines group by source_name order by source_name"
        )
        for row in self.warehouse.query(sql).to_pylist():
            if row["stated"]:
                detail = f"{row['n']:,} of {row['stated']:,} stated amounts are not quantity x price"
                detail += f" (stated {row['off']:+,} in all); quantity x price counts" if row["n"] else ""
                yield Finding("amounts", row["source_name"], "warn" if row["n"] else "pass", detail)

    def _statuses(self) -> Iterator[Finding]:
        """Which states of orders count as spend, and what the others come to."""
        found = order_statuses(self.project, self.warehouse)
        for one in found:
            words = "counted as spend" if one.counts else "not counted as spend"
            yield Finding("statuses", one.status, "pass", f"{one.lines:,} lines, {one.amount:,}: {words}")
        if doubtful := doubt(found):
            yield Finding("statuses", "orders.spend_statuses", "warn", doubtful)

    def _orders(self) -> Iterator[Finding]:
        """Orders of which only the head is known."""
        for heads in orders_without_lines(self.project, self.warehouse):
            yield Finding("orders", heads.source, "warn" if heads.without_lines else "pass", heads.told())

    def _quarantine(self) -> Iterator[Finding]:
        sql = (
            "select entity, source_name, count(*) as n, min(quarantine_reason) as example "
            "from quarantine.quarantined_rows group by entity, source_name order by entity, source_name"
        )
        for row in self.warehouse.query(sql).to_pylist():
            detail = f"{row['n']:,} rows, such as: {row['example']}"
            yield Finding("quarantine", f"{row['source_name']} as {row['entity']}", "warn", detail)

    def _freshness(self) -> Iterator[Finding]:
        for source, settings in self.project.settings.sources.items():
            landed = landed_files(self.lake.table(source))  # rows read again arrived when their file did
            arrived = max((file.landed_at for file in landed), default=None)
            yield self._age(f"{source} by arrival", arrived, settings.freshness.arrival)
            at = last_event(self.project, self.warehouse, source)
            happened = at.replace(tzinfo=dt.UTC) if at else None
            if happened is not None or settings.freshness.event.fail_after_days:
                yield self._age(f"{source} by event", happened, settings.freshness.event)

    def _age(self, name: str, at: dt.datetime | None, limits: FreshnessLimits) -> Finding:
        if at is None:
            return Finding("freshness", name, "fail", "never")
        days = (self.now - at).total_seconds() / 86400
        detail = f"{at:%Y-%m-%d %H:%M}, {days:,.1f} days ago"
        if days < -1:
            why = "the clock was set back" if name.endswith("by arrival") else "as_of latest follows it"
            return Finding("freshness", name, "warn", f"{at:%Y-%m-%d %H:%M} lies in the future; {why}")
        if limits.fail_after_days and days > limits.fail_after_days:
            return Finding("freshness", name, "fail", f"{detail}; the limit is {limits.fail_after_days:g}")
        if limits.warn_after_days and days > limits.warn_after_days:
            return Finding("freshness", name, "warn", f"{detail}; expected within {limits.warn_after_days:g}")
        return Finding("freshness", name, "pass", detail)

    def _published(self) -> Iterator[Finding]:
        """The snapshot that readers see, against gold."""
        from patron.publish.snapshot import current

        snapshot = current(self.project.published)
        if snapshot is None:
            yield Finding("published", "snapshot", "fail", "nothing is published")
            return
        differing = [
            said for table, count in snapshot.tables.items() if (said := self._difference(snapshot, table, count))
        ]
        detail = "; ".join(differing) or f"{len(snapshot.tables)} tables as of {snapshot.as_of}, equal to gold"
        yield Finding("published", snapshot.name, "fail" if differing else "pass", detail)

    def _difference(self, snapshot: Snapshot, table: str, count: int) -> str | None:
        """What a published table says otherwise than gold; by row, where the engine reads its file beside gold."""
        path = self.project.published / snapshot.name / f"{table}.parquet"
        if not path.is_file():
            return f"{table}: {path.name} is gone"
        held = self.warehouse.query(f"select count(*) as n from gold.{table}").to_pylist()[0]["n"]
        if held != count:
            return f"{table}: {count:,} published, {held:,} in gold"
        if self.warehouse.dialect != "duckdb":
            return None
        gold, published = f"from gold.{table}", f"""from read_parquet('{str(path).replace("'", "''")}')"""
        one_sided = (
            f"select * {gold} except all select * {published}",
            f"select * {published} except all select * {gold}",
        )
        sql = f"select {' + '.join(f'(select count(*) from ({side}))' for side in one_sided)} as n"
        rows = self.warehouse.query(sql).to_pylist()[0]["n"]
        return f"{table}: rows that differ" if rows else None

    def _whole(self, folder: str, model: str) -> str:
        """A model's SQL over all of its input, as the last build of everything compiled it."""
        path = self.project.compiled / "models" / folder / f"{model}.sql"
        return self._from_bronze(path.read_text(encoding="utf-8"))

    def _from_bronze(self, sql: str) -> str:
        """Staged rows made of bronze again, where the build keeps them in a table."""
        for staged in (self.project.compiled / "models" / "staging").glob("stg_*.sql"):
            relation = rf'(?:[`"]?\w+[`"]?\.)?[`"]?staging[`"]?\.[`"]?{staged.stem}\b[`"]?'
            text = staged.read_text(encoding="utf-8")
            sql = re.sub(relation, lambda _, text=text: f"(\n{text}\n)", sql)  # type: ignore[misc]
        return sql


_TOTALS = {
    "totals_agree": "the ledger, the days, and the customers with the guests add up to the same",
    "attribution_agrees": "in each model the credits of campaigns add up to the revenue",
}
_KINDS = ("gross", "discount", "refund", "free", "adjustment", "bad_debt", "charge", "invalid", "not_completed")
_LEDGER_SUMS = ("line_count", "raw_line_count", *(f"{kind}_amount" for kind in (*_KINDS, "raw")))


def _kinds_total(day: dict[str, Any]) -> Any:
    if any(day[f"{kind}_amount"] is None for kind in _KINDS):
        return None
    return sum(day[f"{kind}_amount"] for kind in _KINDS)
