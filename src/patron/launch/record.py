"""What `patron up` started, in .patron/up.json, so that a later `patron up` or `patron down` knows it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from patron.files import write_atomically
from patron.launch.processes import Started
from patron.project.project import Project


@dataclass(frozen=True)
class Record:
    """Processes of this machine, or the command of the stack of containers; both may be empty."""

    processes: tuple[Started, ...] = ()
    stack: tuple[str, ...] = field(default=())

    @property
    def running(self) -> dict[str, Started]:
        """Return name -> process, of those that are still there."""
        return {one.name: one for one in self.processes if one.is_running}


def read_record(project: Project) -> Record:
    """Read the record; an empty one if there is none, or if it cannot be read."""
    try:
        content = json.loads(_get_path(project).read_text(encoding="utf-8"))
        return Record(tuple(Started(**one) for one in content["processes"]), tuple(content["stack"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Record()


def write_record(project: Project, record: Record) -> None:
    """Write the record, or remove it where nothing was started."""
    if record.processes or record.stack:
        write_atomically(_get_path(project), json.dumps(asdict(record), indent=2))
    else:
        _get_path(project).unlink(missing_ok=True)


def _get_path(project: Project) -> Path:
    return project.state / "up.json"
