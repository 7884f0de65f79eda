"""What a check found: one finding for each thing that was checked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from patron.errors import PatronError

Status = Literal["pass", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """The result of checking one thing.

    section: the kind of check, such as ledger. name: what was checked, such as a source or a table.
    """

    section: str
    name: str
    status: Status
    detail: str

    @classmethod
    def of_error(cls, section: str, name: str, error: PatronError | OSError) -> Finding:
        """A failed finding whose detail is the error on one line."""
        return cls(section, name, "fail", " ".join(str(error).split()))


@dataclass(frozen=True)
class CheckReport:
    """All findings of a check."""

    findings: list[Finding]

    @property
    def failed(self) -> list[Finding]:
        """The findings with the status fail."""
        return [finding for finding in self.findings if finding.status == "fail"]

    def as_dict(self) -> dict[str, Any]:
        """The report as `patron check --json` prints it."""
        return {"failed": len(self.failed), "findings": [asdict(finding) for finding in self.findings]}
