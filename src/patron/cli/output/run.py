"""The result of a run, and the freshness of each source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from patron.cli.output.console import console, say, warn
from patron.cli.output.money import print_money
from patron.errors import pluralize

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patron.ingest.source import Landing
    from patron.pipeline.run_report import RunReport
    from patron.pipeline.status import SourceStatus
    from patron.pipeline.tidy import Tidied
    from patron.predict.outcome import Outcome

_BAD = {"quarantined": "quarantined", "unreadable": "unreadable"}


def print_run(report: RunReport) -> None:
    """Print what landed, what was built, what was predicted, and what needs attention."""
    facts = report.as_dict()
    rejected = f"; set aside {pluralize(facts['rows_rejected'], 'unreadable row')}" if facts["rows_rejected"] else ""
    if report.landed:
        say(f"Landed {pluralize(facts['rows_landed'], 'row')} from {_describe_sources(report, facts)}{rejected}.")
    for sentence in report.news:
        say(sentence)
    warn(report.warnings)
    say(_describe_build(report, facts))
    for outcome in report.predictions:
        say(describe_prediction(outcome))
        for caution in outcome.cautions:
            say(f"  {caution}.")
    for sentence in describe_empty_tables(report.empty_tables):
        say(sentence)
    print_money(report.money, report.currency)
    bad = facts["bad_rows"]
    counts = [f"{bad[kind]:,} {word}" for kind, word in _BAD.items() if bad[kind]]
    if counts:
        say(f"Bad rows: {', '.join(counts)}; `patron quarantine` lists them.")


def print_landed(landed: Mapping[str, Landing]) -> None:
    """Print how many rows landed of each source, and what needs attention."""
    for name, landing in landed.items():
        say(f"{name}: landed {pluralize(landing.rows, 'row')}.")
        warn(landing.warnings)


def print_tidied(tidied: Tidied) -> None:
    """Print what was merged and deleted, or would be."""
    merge, delete = ("Would merge", "Would delete") if tidied.is_dry_run else ("Merged", "Deleted")
    for table, count in tidied.merged.items():
        say(f"{merge} {pluralize(count, 'small file')} of {table}.")
    if tidied.is_dry_run:
        for name in tidied.deleted:
            say(f"  {name}")
    if tidied.deleted:
        say(f"{delete} {pluralize(len(tidied.deleted), 'file or folder', 'files and folders')}, {_in_mb(tidied)} MB.")
    if not (tidied.merged or tidied.deleted):
        say("Nothing to tidy up.")


def _in_mb(tidied: Tidied) -> str:
    return f"{tidied.deleted_bytes / 1e6:,.1f}"


def _describe_sources(report: RunReport, facts: dict[str, Any]) -> str:
    """Count the landed sources: `3 files`, `1 table`, or `3 files and 1 table`; topics where any had messages."""
    tables = [landing for landing in report.landed.values() if landing.is_changelog]
    files = pluralize(facts["files_landed"], "file") if len(tables) < len(report.landed) else ""
    topics = pluralize(facts["topics_landed"], "topic") if facts["topics_landed"] else ""
    files = "" if topics and not facts["files_landed"] else files
    parts = (files, tables and pluralize(facts["tables_landed"], "table"), topics)
    return " and ".join(part for part in parts if part)


def _describe_build(report: RunReport, facts: dict[str, Any]) -> str:
    seconds = f"{sum(report.seconds.values()):.1f} s"
    if not report.is_new:
        return f"Nothing new: gold is up to date as of {facts['as_of']} ({seconds})."
    unchanged = f" ({report.models_unchanged} were up to date)" if report.models_unchanged else ""
    as_of = f", as of {facts['as_of']}" if facts["as_of"] else ""
    built = f"Built {pluralize(report.models_built, 'table')}{unchanged} in {seconds}{as_of}"
    return f"{built}; {pluralize(report.tests_passed, 'data test')} passed. Reason: {report.reason}."


def describe_prediction(outcome: Outcome) -> str:
    """Say in one sentence which model made a prediction and when it was fitted, or why there is none."""
    name = outcome.name.capitalize()
    if outcome.withheld:
        return f"{name}: not predicted, because {'; '.join(outcome.withheld)}."
    why = f"fitted because {outcome.fitted}" if outcome.fitted else f"fitted as of {outcome.fitted_as_of}"
    return f"{name}: predicted by {outcome.model}, {why}."


_FEW_REASONS = 3
_MANY_EMPTY = 30
"""From this many on, empty tables are the main news of a shop, and are named."""


def describe_empty_tables(reasons: dict[str, str]) -> list[str]:
    """Say how many gold tables are empty, and why if there are few reasons; name them if most are empty.

    reasons: table -> why it is empty.
    """
    if not reasons:
        return []
    by_reason: dict[str, list[str]] = {}
    for table, reason in sorted(reasons.items()):
        by_reason.setdefault(reason, []).append(table)
    if len(reasons) < _MANY_EMPTY:
        count = "1 gold table is" if len(reasons) == 1 else f"{len(reasons)} gold tables are"
        why = "; ".join(by_reason) if len(by_reason) <= _FEW_REASONS else f"for {len(by_reason)} different reasons"
        return [f"{count} empty ({why}); `patron tables` gives the reason of each."]
    return [f"Empty: {', '.join(tables)}: {reason}." for reason, tables in by_reason.items()]


def print_status(rows: list[SourceStatus]) -> None:
    """Print a row per source, and how far gold is behind."""
    table = Table(box=None, pad_edge=False)
    for heading in ("Source", "Rows", "Bad rows", "Last batch", "Landed", "Last event", "Days ago"):
        is_text = heading in ("Source", "Landed", "Last event")
        table.add_column(heading, justify="left" if is_text else "right", no_wrap=True)
    for row in rows:
        table.add_row(
            escape(row.source),
            f"{row.rows:,}",
            f"{row.rejected + row.quarantined:,}",
            "" if row.last_batch is None else str(row.last_batch),
            f"{row.last_landed_at:%Y-%m-%d}" if row.last_landed_at else "never",
            f"{row.last_event:%Y-%m-%d}" if row.last_event else "no dates",
            "" if row.lag_days is None else f"{row.lag_days:,.1f}",
        )
    console.print(table)
    for row in rows:
        if row.last_event and row.lag_days is not None and row.lag_days < -1:
            say(f"{row.source}: the last event is dated {row.last_event:%Y-%m-%d}, which is after today.")
    behind = [
        f"{pluralize(row.batches_behind, 'batch', 'batches')} of {row.source}" for row in rows if row.batches_behind
    ]
    say(f"Gold is behind by {', '.join(behind)}; run `patron run`." if behind else "Gold is up to date.")
