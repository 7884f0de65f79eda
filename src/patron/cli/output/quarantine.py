"""How bad rows, and what became of them, look on a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from patron.cli.output.console import ran, say

if TYPE_CHECKING:
    from patron.ingest.source import Reread
    from patron.pipeline.replay import ReplayReport, Requalified
    from patron.transform.quarantine.kinds import Kind
    from patron.transform.quarantine.report import QuarantineReport

_LONGEST_SAMPLE = 200
_FILES_NAMED = 3


def listed(report: QuarantineReport) -> None:
    """Kinds of bad rows under their source, each with its files and samples, and what to do next."""
    if not report.kinds:
        say(f"No row is bad, as of the build of {report.built_at:%Y-%m-%d %H:%M} UTC.")
        return
    last = None
    for kind in report.kinds:
        if kind.source != last:
            say(kind.source)
        last = kind.source
        _say_kind(kind)
    counts = f"{_rows(report.quarantined_rows)} in quarantine and {report.unreadable_rows:,} unreadable"
    say(f"{counts}, as of the build of {report.built_at:%Y-%m-%d %H:%M} UTC.")
    say("Next: mend the mapping (or the csv settings of the source) in patron.yaml, then `patron replay`.")


def _say_kind(kind: Kind) -> None:
    where = f"{kind.entity}." if kind.entity and kind.column else f"{kind.entity}, " if kind.entity else "unreadable, "
    say(f"  {kind.rows:,} x {where}{kind.said}")
    say(f"      in {_files(kind.files)}")
    for sample in kind.samples:
        say(f"      {_sample(kind, sample)}")


def _files(files: dict[str, int]) -> str:
    most = sorted(files.items(), key=lambda file: (-file[1], file[0]))
    named = ", ".join(f"{name} ({rows:,})" for name, rows in most[:_FILES_NAMED])
    more = len(most) - _FILES_NAMED
    return f"{named} and {more:,} more files" if more > 0 else named


def _sample(kind: Kind, sample: dict[str, Any]) -> str:
    raw = sample["raw"] if isinstance(sample["raw"], str) else json.dumps(sample["raw"], ensure_ascii=False)
    place = f"{sample['file']}:{sample['line']}  " if sample["line"] is not None else ""
    reason = f"{sample['reason']}  " if kind.entity and kind.column else ""
    text = " ".join(f"{place}{reason}{raw}".split())
    return text if len(text) <= _LONGEST_SAMPLE else text[:_LONGEST_SAMPLE] + "..."


def replayed(report: ReplayReport) -> None:
    """What the run did, and what became of the bad rows."""
    ran(report.run)
    for each in report.quarantined:
        say(_requalified(each))
        _say_reasons(each.reasons.items())
    for read in report.unreadable:
        say(_read(read, report.quarantined_after_reading.get(read.source, 0)))
        _say_reasons(read.reasons.most_common())
        for file, rows, why in read.out_of_reach:
            say(f"    {rows:,} x not tried, {file}: {why}")
    if not report.quarantined and not report.unreadable:
        say("No row was bad.")


def _requalified(each: Requalified) -> str:
    worse = f", and {each.newly_bad:,} bad now that had been good" if each.newly_bad else ""
    counts = f"{_rows(each.bad_before)} bad before: {each.good_now:,} good now, {each.still_bad:,} still bad{worse}"
    return f"{each.source} as {each.entity}: {counts}."


def _read(read: Reread, quarantined: int) -> str:
    doubtful = f" ({quarantined:,} of them in quarantine)" if quarantined else ""
    counts = f"{_rows(read.rows_read)} read now{doubtful}, {read.rows_rejected:,} still unreadable"
    return f"{read.source}: {_rows(read.rows_before)} unreadable before: {counts}."


def _say_reasons(reasons: Iterable[tuple[str, int]]) -> None:
    for said, rows in reasons:
        say(f"    {rows:,} x {said}")


def _rows(count: int) -> str:
    return f"{count:,} row" if count == 1 else f"{count:,} rows"
