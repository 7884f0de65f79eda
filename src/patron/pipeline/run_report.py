"""What a run did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from patron.transform.quarantine import threshold

if TYPE_CHECKING:
    from patron.ingest.source import Landing
    from patron.pipeline.money import SourceMoney
    from patron.predict.outcome import Outcome
    from patron.publish.snapshot import Snapshot
    from patron.transform.node import Node


@dataclass
class RunReport:
    """What a run did.

    built: the models and seeds that were built, with the seconds that each took; not in `as_dict`. is_full_build:
    whether everything was built from the lake, not only what changed. models_rebuilt: otherwise, the models that were
    built in full, because their definition changed or one that they are built from. models_unchanged: how many were
    left alone, because nothing that they are built from changed. empty_tables: gold table without rows -> the reason.
    predictions: the outcome of each, if any were made. money: of each source of order lines, in `currency`, if gold was
    built. news: what the run found out about the data and will not say again.
    """

    landed: dict[str, Landing]
    is_new: bool
    reason: str
    seconds: dict[str, float]
    snapshot: Snapshot | None
    built: dict[str, float] = field(default_factory=dict)
    models_built: int = 0
    models_unchanged: int = 0
    tests_passed: int = 0
    is_full_build: bool = False
    models_rebuilt: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    news: list[str] = field(default_factory=list)
    bad_rows: threshold.Account = field(default_factory=threshold.Account)
    empty_tables: dict[str, str] = field(default_factory=dict)
    predictions: list[Outcome] = field(default_factory=list)
    money: list[SourceMoney] = field(default_factory=list)
    currency: str = ""

    def count(self, built: Iterable[Node], seconds: Mapping[str, float]) -> None:
        """Count what was built, and which data tests passed. seconds: model -> how long it took."""
        nodes = list(built)
        self.built = {node.name: seconds.get(node.name, 0.0) for node in nodes if node.kind != "test"}
        self.models_built = len([node for node in nodes if node.kind == "model"])
        self.tests_passed = len([node for node in nodes if node.kind == "test"])

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "rows_landed": sum(landing.rows for landing in self.landed.values()),
            "rows_rejected": sum(landing.rejected_rows for landing in self.landed.values()),
            "files_landed": sum(landing.files_landed for landing in self.landed.values()),
            "tables_landed": sum(landing.is_changelog and bool(landing.batch_ids) for landing in self.landed.values()),
            "topics_landed": sum(landing.topics_landed for landing in self.landed.values()),
            "bad_rows": {
                "quarantined": sum(self.bad_rows.quarantined.values()),
                "unreadable": sum(self.bad_rows.unreadable.values()),
            },
            "rebuilt": self.is_new,
            "reason": self.reason,
            "is_full_build": self.is_full_build,
            "models_rebuilt": self.models_rebuilt,
            "models_built": self.models_built,
            "models_unchanged": self.models_unchanged,
            "tests_passed": self.tests_passed,
            "as_of": self.snapshot.as_of if self.snapshot else None,
            "snapshot": self.snapshot.name if self.snapshot else None,
            "seconds": {name: round(seconds, 3) for name, seconds in self.seconds.items()},
            "empty_tables": self.empty_tables,
            "predictions": [asdict(outcome) for outcome in self.predictions],
            "money": {
                source.source: {name: float(amount) for name, amount in source.amounts.items()} for source in self.money
            },
            "warnings": self.warnings,
            "news": self.news,
        }
