"""The segment file: RFM score ranges to a label. First match wins; every one of the 125 triples must have one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

from patron.errors import SettingsError
from patron.transform.rule_files import read_csv

SCORES = range(1, 6)
AXES = ("recency", "frequency", "monetary")
HEADER = ["segment", *(f"{end}_{axis}" for axis in AXES for end in ("min", "max")), "description", "action"]
OPTIONAL = ["churn_risk"]
"""A file may leave it out; its segments then have no churn risk."""
CHURN_RISKS = ("Critical", "High", "Medium", "Low")
Triple = tuple[int, int, int]


@dataclass(frozen=True)
class Segment:
    """A label and the box of scores it claims."""

    name: str
    description: str
    action: str
    churn_risk: str
    box: tuple[range, range, range]
    place: str

    def holds(self, triple: Triple) -> bool:
        return all(score in axis for score, axis in zip(triple, self.box, strict=True))


def read_segments(path: Path) -> list[Segment]:
    """Read the segments of a file, in order.

    Raises SettingsError for a range outside 1 to 5, a triple without a segment, or a segment that no triple
    can reach behind those before it.
    """
    segments = [_parse_segment(f"{path}, line {line}", row) for line, row in read_csv(path, HEADER, OPTIONAL)]
    assigned = assign(segments)
    missing = [triple for triple, segment in assigned.items() if segment is None]
    if missing:
        what = f"{len(missing)} of the 125 score triples have no segment, such as {missing[0]}."
        raise SettingsError(what, where=str(path), do="end the file with a row that takes 1 to 5 on all three")
    reached = {segment.name for segment in assigned.values() if segment}
    for segment in segments:
        if segment.name not in reached:
            what = f"No customer can ever be {segment.name!r}: the rows before it take all its scores."
            raise SettingsError(what, where=segment.place, do="move the row up, or narrow the ranges above it")
    return segments


def assign(segments: list[Segment]) -> dict[Triple, Segment | None]:
    """Assign to every score triple (recency, frequency, monetary) the first segment that holds it."""
    return {
        triple: next((segment for segment in segments if segment.holds(triple)), None)
        for triple in product(SCORES, SCORES, SCORES)
    }


def _parse_segment(place: str, row: dict[str, str]) -> Segment:
    if not row["segment"]:
        raise SettingsError("The row names no segment.", where=place, do="write its name in the first cell")
    risk = row.get("churn_risk", "")
    if risk and risk not in CHURN_RISKS:
        what = f"{risk!r} is no churn risk."
        raise SettingsError(what, where=place, do=f"allowed: {', '.join(CHURN_RISKS)}; or leave the cell blank")
    box = tuple(_parse_range(place, axis, row[f"min_{axis}"], row[f"max_{axis}"]) for axis in AXES)
    return Segment(row["segment"], row["description"], row["action"], risk, (box[0], box[1], box[2]), place)


def _parse_range(place: str, axis: str, low: str, high: str) -> range:
    if not (low.isdigit() and high.isdigit() and 1 <= int(low) <= int(high) <= 5):
        what = f"{axis} goes from {low!r} to {high!r}."
        raise SettingsError(what, where=place, do="write two scores from 1 to 5, the lower first")
    return range(int(low), int(high) + 1)
