"""Ctrl-C may fall anywhere while rows are written, and no writer outlives it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pyarrow as pa
import pytest

from patron.lake import staging

SCHEMA = pa.schema([("id", pa.int64())])


def _read(batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(SCHEMA, batches)


def _count_batches(number: int) -> Iterator[pa.RecordBatch]:
    for start in range(number):
        yield pa.record_batch([pa.array([start])], schema=SCHEMA)


def _writers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "patron-lake"]


def test_an_interrupt_while_the_writer_starts(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def interrupted(self) -> None:
        start(self)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            staging.write(tmp_path / "staged", _read(_count_batches(3)))
    for writer in _writers():
        writer.join(timeout=60)
    assert not _writers()


def test_an_interrupt_while_rows_are_read(tmp_path) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield from _count_batches(3)
        os.kill(os.getpid(), signal.SIGINT)
        yield from _count_batches(30)

    with pytest.raises(KeyboardInterrupt):
        staging.write(tmp_path / "staged", _read(batches()))
    assert not _writers()
    assert not (tmp_path / "staged").exists()


def test_an_interrupt_while_the_writer_ends(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller hears of it once nothing is written any more, so that its folder can be cleared."""
    write, may_end = staging._write, threading.Event()

    def slow(*given) -> None:
        write(*given)
        os.kill(os.getpid(), signal.SIGINT)
        threading.Timer(0.2, may_end.set).start()
        assert may_end.wait(60)

    monkeypatch.setattr(staging, "_write", slow)
    with pytest.raises(KeyboardInterrupt):
        staging.write(tmp_path / "staged", _read(_count_batches(3)))
    assert may_end.is_set()
    assert not _writers() and not (tmp_path / "staged").exists()


def test_what_the_writer_raises_is_raised(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(staging, "_write", failing)
    with pytest.raises(OSError, match="no space left"):
        staging.write(tmp_path / "staged", _read(_count_batches(100)))
