"""Bad rows, and the result of replaying them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from patron.cli.output.console import say
from patron.cli.output.run import print_run
from patron.errors import pluralize

if TYPE_CHECKING:
    from patron.ingest.source import Reread
    from patron.pipeline.replay import ReplayReport, Requalified
    from patron.transform.quarantine.kinds import Kind
    from patron.transform.quarantine.report import QuarantineReport

_LONGEST_SAMPLE = 200
_FILES_NAMED = 3


def print_bad_rows(report: QuarantineReport) -> None:
    """Print the kinds of bad rows by source, each with its files and samples, and what to do next."""
    built_at = f"{report.built_at:%Y-%m-%d %H:%M} UTC"
    if not report.kinds:
        say(f"There are no bad rows, as of the build of {built_at}.")
        return
    last = None
    for kind in report.kinds:
        if kind.source != last:
            say(kind.source)
        last = kind.source
        _print_kind(kind)
    counts = f"{pluralize(report.quarantined_rows, 'row')} quarantined and {report.unreadable_rows:,} unreadable"
    say(f"{counts}, as of the build of {built_at}.")
    say("Next: fix the mapping (or the csv settings of the source) in patron.yaml, then run `patron replay`.")


def _print_kind(kind: Kind) -> None:
    where = f"{kind.entity}." if kind.entity and kind.column else f"{kind.entity}, " if kind.entity else "unreadable, "
    say(f"  {kind.rows:,} x {where}{kind.description}")
    say(f"      in {_list_files(kind.files)}")
    for sample in kind.samples:
        say(f"      {_format_sample(kind, sample)}")


def _list_files(files: dict[str, int]) -> str:
    most = sorted(files.items(), key=lambda file: (-file[1], file[0]))
    named = ", ".join(f"{name} ({rows:,})" for name, rows in most[:_FILES_NAMED])
    more = len(most) - _FILES_NAMED
    return f"{named} and {pluralize(more, 'more file')}" if more > 0 else named


def _format_sample(kind: Kind, sample: dict[str, Any]) -> str:
    raw = sample["raw"] if isinstance(sample["raw"], str) else json.dumps(sample["raw"], ensure_ascii=False)
    place = f"{sample['file']}:{sample['line']}  " if sample["line"] is not None else ""
    reason = f"{sample['reason']}  " if kind.entity and kind.column else ""
    text = " ".join(f"{place}{reason}{raw}".split())
    return text if len(text) <= _LONGEST_SAMPLE else text[:_LONGEST_SAMPLE] + "..."


def print_replay(report: ReplayReport) -> None:
    """Print what the run did, and what became of the bad rows."""
    print_run(report.run)
    for each in report.quarantined:
        say(_describe_quarantined(each))
        _print_reasons(each.reasons.items())
    for read in report.unreadable:
        say(_describe_unreadable(read, report.quarantined_after_reading.get(read.source, 0)))
        _print_reasons(read.reasons.most_common())
        for file, rows, why in read.out_of_reach:
            say(f"    {rows:,} x not retried, {file}: {why}")
    if not report.quarantined and not report.unreadable:
        say("There were no bad rows.")


def _describe_quarantined(each: Requalified) -> str:
    worse = f", and {each.newly_bad:,} that were good are bad now" if each.newly_bad else ""
    counts = f"of {pluralize(each.bad_before, 'bad row')}, {each.good_now:,} good now and {each.still_bad:,} still bad"
    return f"{each.source} as {each.entity}: {counts}{worse}."


def _describe_unreadable(read: Reread, quarantined: int) -> str:
    doubtful = f" ({quarantined:,} of them quarantined)" if quarantined else ""
    counts = f"{read.rows_read:,} read now{doubtful} and {read.rows_rejected:,} still unreadable"
    return f"{read.source}: of {pluralize(read.rows_before, 'unreadable row')}, {counts}."


def _print_reasons(reasons: Iterable[tuple[str, int]]) -> None:
    for reason, rows in reasons:
        say(f"    {rows:,} x {reason}")
