"""What a process and all that it starts take: Spark's Java is a child that its parent does not wait for."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import Measured

_EVERY = 0.25
_TICKS, _PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


@dataclass
class _Seen:
    """Processor seconds by process, the last that was seen, and the most memory of all together, in bytes."""

    seconds: dict[int, float] = field(default_factory=dict)
    memory: int = 0

    def look(self, session: int) -> None:
        """Read what each process of the session has taken so far."""
        memory = 0
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                memory += self._look_at(int(folder.name), folder / "stat", session)
        self.memory = max(self.memory, memory)

    def _look_at(self, pid: int, stat: Path, session: int) -> int:
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            return 0
        if int(fields[3]) != session:
            return 0
        self.seconds[pid] = (int(fields[11]) + int(fields[12])) / _TICKS
        return int(fields[21]) * _PAGE


def measure_session(command: list[str]) -> Measured:
    """Run to the end. Memory is that of all processes together, four times a second; shared pages count for each."""
    seen, is_over = _Seen(), threading.Event()
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, start_new_session=True)

        def watch() -> None:
            while not is_over.wait(_EVERY):
                seen.look(process.pid)

        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        output, _ = process.communicate()
        seconds = time.perf_counter() - start
        is_over.set()
        watching.join()
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{errors.read().decode()}")
    return Measured(seconds, sum(seen.seconds.values()), seen.memory / 2**20, output.decode())
