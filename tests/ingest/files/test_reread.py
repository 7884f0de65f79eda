"""Rejected rows are read again after the settings are fixed: once, complete, in the place where they belong."""

from __future__ import annotations

from typing import Any

import pytest

from patron.ingest.files import reread as again
from patron.ingest.files.land import FileSource
from patron.ingest.files.reread import reread_rejected
from patron.ingest.source import Reread
from patron.lake import ROWS_PER_BATCH, BronzeTable, Lake, list_landed_files

NAILS = 'id,name,price\n1,Cup,2\n2,"5 inch nail,3\n3,Plate,4\n4,too narrow\n'
"""Lines 3 and 5 do not read; without a quote sign, line 3 does."""

NOT_CLOSED = "a quote is opened and not closed"


def reread(folder, **settings: Any) -> Reread:
    return reread_rejected(Lake(folder.lake.root), FileSource("till", ("*",), **settings), root=folder.data)


def count_recorded(folder) -> tuple[int, int]:
    """(rows, rejected rows) that the history speaks of."""
    files = list_landed_files(folder.lake.table("till"))
    return sum(file.rows_since(0) for file in files), sum(file.rejected_rows for file in files)


def count_rows(folder) -> tuple[int, int]:
    """(rows, rejected rows) that the tables hold."""
    return len(folder.rows()), len(folder.rejected())


@pytest.fixture
def nails(folder):
    folder.write("nails.csv", NAILS)
    assert (folder.land().rows, folder.land().rejected_rows) == (2, 0)
    return folder


def test_what_reads_now_lands_and_what_does_not_stays(nails) -> None:
    assert count_recorded(nails) == count_rows(nails) == (2, 2)
    done = reread(nails, quote="none")
    assert (done.rows_before, done.rows_read, done.rows_rejected) == (2, 1, 1)
    assert done.reasons == {"2 columns instead of 3": 1}
    assert count_recorded(nails) == count_rows(nails) == (3, 1)
    assert nails.rows()[-1] == {"id": "2", "name": '"5 inch nail', "price": "3"}
    assert nails.rejected() == [("nails.csv", 5, "2 columns instead of 3", "4,too narrow")]


def test_rows_read_again_arrived_when_their_file_did(nails) -> None:
    (before,) = list_landed_files(nails.lake.table("till"))
    reread(nails, quote="none")
    (after,) = list_landed_files(nails.lake.table("till"))
    assert (after.landed_at, after.batch_id) == (before.landed_at, before.batch_id)
    assert (after.rejected_batch_id, after.superseded_batch_ids) == (2, [1])


def test_the_same_settings_read_nothing_and_change_nothing(nails) -> None:
    versions = nails.lake.table("till").version(), nails.lake.rejected("till").version()
    done = reread(nails)
    assert (done.rows_read, done.rows_rejected, done.batch_id) == (0, 2, None)
    assert done.reasons == {NOT_CLOSED: 1, "2 columns instead of 3": 1}
    assert (nails.lake.table("till").version(), nails.lake.rejected("till").version()) == versions


def test_twice_adds_nothing(nails) -> None:
    reread(nails, quote="none")
    version = nails.lake.table("till").version()
    assert reread(nails, quote="none").rows_read == 0
    assert nails.lake.table("till").version() == version
    assert count_recorded(nails) == count_rows(nails) == (3, 1)


class DiedError(Exception):
    pass


def test_dying_before_the_rows_are_committed_adds_nothing(nails, monkeypatch) -> None:
    commit = BronzeTable.commit

    def dies(table: BronzeTable, *words: Any, **more: Any) -> int:
        if "_rejected" not in table.path.parts:
            raise DiedError
        return commit(table, *words, **more)

    with monkeypatch.context() as patched, pytest.raises(DiedError):
        patched.setattr(BronzeTable, "commit", dies)
        reread(nails, quote="none")
    assert count_recorded(nails) == (2, 2)
    assert count_rows(nails) == (2, 3)  # the line that still does not read, once more, in a batch that does not count
    assert reread(nails, quote="none").rows_read == 1
    assert count_recorded(nails) == count_rows(nails) == (3, 1)


def test_dying_after_the_rows_are_committed_adds_nothing(nails, monkeypatch) -> None:
    discard, calls = again.discard_superseded, []

    def dies(*tables: BronzeTable) -> None:
        calls.append(tables)
        if len(calls) == 2:
            raise DiedError
        discard(*tables)

    with monkeypatch.context() as patched, pytest.raises(DiedError):
        patched.setattr(again, "discard_superseded", dies)
        reread(nails, quote="none")
    assert count_recorded(nails) == (3, 1)
    assert count_rows(nails) == (3, 3)  # the two of the landing, superseded by the one of the second reading
    assert reread(nails, quote="none").rows_read == 0
    assert count_recorded(nails) == count_rows(nails) == (3, 1)


def test_a_landing_afterwards_adds_only_its_own(nails) -> None:
    reread(nails, quote="none")
    nails.write("later.csv", "id,name,price\n5,Jug,6\n")
    landing = nails.land(quote="none")
    assert (landing.files_landed, landing.files_already_landed, landing.rows) == (1, 1, 1)
    assert count_recorded(nails) == count_rows(nails) == (4, 1)


def test_rows_read_again_are_older_than_a_later_landing(nails) -> None:
    nails.write("later.csv", "id,name,price\n2,Nail,9\n")
    nails.land()
    done = reread(nails, quote="none")
    assert [row["id"] for row in nails.rows()] == ["1", "3", "2", "2"]
    assert nails.rows()[-1]["price"] == "9"
    keys = nails.table().sort_by("_row_key")["_row_key"].to_pylist()
    assert keys == [2**36, 2**36 + 1, 2**36 + ROWS_PER_BATCH // 2, 2 * 2**36]
    batches = nails.table().sort_by("_row_key")["_batch_id"].to_pylist()
    assert batches == [1, 1, 3, 2]
    assert done.batch_id == 3


def test_keys_go_on_where_the_last_reading_ended(folder) -> None:
    folder.write("a.csv", "id,name,price\n1;Cup;2\n2|Jug|3\n")
    folder.land(delimiter=",")
    names = {"columns": ("id", "name", "price"), "header": True}
    assert reread(folder, delimiter=";", **names).rows_read == 1
    assert reread(folder, delimiter="|", **names).rows_read == 1
    keys = folder.table().sort_by("_row_key")["_row_key"].to_pylist()
    assert keys == [2**36 + 2**35, 2**36 + 2**35 + 1]
    assert count_recorded(folder) == count_rows(folder) == (2, 0)


def test_a_wrong_delimiter_fixed(folder) -> None:
    folder.write("a.csv", "1;Cup;2\n2;Jug;3\n")
    columns = ("id", "name", "price")
    assert folder.land(delimiter=",", columns=columns).rejected_rows == 2
    done = reread(folder, delimiter=";", columns=columns)
    assert (done.rows_read, done.rows_rejected, done.reasons) == (2, 0, {})
    assert folder.rows() == [{"id": "1", "name": "Cup", "price": "2"}, {"id": "2", "name": "Jug", "price": "3"}]
    assert count_recorded(folder) == count_rows(folder) == (2, 0)


def test_lines_that_follow_each_other_may_be_one_row(folder) -> None:
    folder.write("a.csv", 'id,name,price\n1,Cup,2\n2,"two\nlines",3\n')
    assert folder.land(quote="none").rejected_rows == 2
    done = reread(folder, quote='"')
    assert (done.rows_before, done.rows_read, done.rows_rejected) == (2, 1, 0)
    assert folder.rows()[-1] == {"id": "2", "name": "two\nlines", "price": "3"}
    assert count_recorded(folder) == count_rows(folder) == (2, 0)


def test_a_long_run_is_read_in_parts_and_rows_go_over_their_ends(folder, monkeypatch) -> None:
    monkeypatch.setattr(again, "BLOCK_BYTES", 40)
    rows = "".join(f'{n},"two\nlines {n}",3\n' for n in range(50))
    folder.write("a.csv", "id,name,price\n" + rows + "x,y\n")
    assert folder.land(quote="none").rejected_rows == 101
    done = reread(folder, quote='"')
    assert (done.rows_read, done.rows_rejected) == (50, 1)
    assert [row["name"] for row in folder.rows()] == [f"two\nlines {n}" for n in range(50)]
    assert folder.rejected() == [("a.csv", 102, "2 columns instead of 3", "x,y")]
    assert count_recorded(folder) == count_rows(folder) == (50, 1)


def test_lines_with_a_landed_row_between_them_are_never_one_row(folder) -> None:
    folder.write("a.csv", 'id,name,price\n2,"two\n1,Cup,2\nlines",3\n')
    assert folder.land(quote="none").rejected_rows == 2
    assert reread(folder, quote='"').rows_read == 0
    assert count_recorded(folder) == count_rows(folder) == (1, 2)


def test_a_wrong_encoding_fixed(folder) -> None:
    folder.write("a.csv", b"id,name\n1,Cup\n2,Caf\xe9\n")
    assert folder.land(encoding="utf-8").rejected_rows == 1
    assert reread(folder, encoding="cp1252").rows_read == 1
    assert folder.rows()[-1] == {"id": "2", "name": "Café"}


def test_a_row_that_the_file_ends_inside_says_so_still(folder) -> None:
    folder.write("a.csv", 'id,name,price\n2,"5 inch,3\n3,Pla')
    folder.land()
    assert reread(folder, quote="none").rows_read == 1
    assert folder.rejected() == [("a.csv", 3, "2 columns instead of 3; the file ends inside this row", "3,Pla")]


def test_a_row_longer_than_what_is_kept_stays_as_it_is(folder) -> None:
    long = "x" * 70_000
    folder.write("a.csv", f'id,name,price\n2,"{long},3\n3,"5 inch,4\n')
    folder.land()
    assert reread(folder, quote="none").rows_read == 1
    assert [(line, reason, len(raw)) for _, line, reason, raw in folder.rejected()] == [(2, NOT_CLOSED, 2**16)]


def test_a_file_that_is_gone_is_reported_and_read_once_it_is_back(nails) -> None:
    path = nails.data / "nails.csv"
    path.write_text("id,name,price\n")
    done = reread(nails, quote="none")
    assert (done.rows_read, done.rows_rejected) == (0, 2)
    assert [(file, rows) for file, rows, _ in done.out_of_reach] == [("nails.csv", 2)]
    assert "restore it" in done.out_of_reach[0][2]
    (nails.data / "found.csv").write_text(NAILS)
    assert reread(nails, quote="none").rows_read == 1
    assert set(nails.table()["_source_file"].to_pylist()) == {"nails.csv"}


def test_json_lines_must_be_delivered_again(folder) -> None:
    folder.write("a.jsonl", '{"id": 1}\n{"id": \n')
    folder.land()
    done = reread(folder)
    assert (done.rows_before, done.rows_read, done.rows_rejected) == (1, 0, 1)
    assert "in a new file" in done.out_of_reach[0][2]


def test_a_file_that_the_settings_refuse_is_reported(nails) -> None:
    done = reread(nails, required_columns=("nosuch",))
    assert "nosuch" in done.out_of_reach[0][2]
    assert count_recorded(nails) == count_rows(nails) == (2, 2)


def test_two_files_of_one_landing_and_of_one_name(folder) -> None:
    folder.write("a.csv", NAILS)
    folder.write("b.csv", NAILS.replace("Cup", "Mug"))
    folder.land()
    folder.write("a.csv", NAILS.replace("Cup", "Pan"))
    folder.land()
    done = reread(folder, quote="none")
    assert (done.rows_before, done.rows_read, done.rows_rejected) == (6, 2, 4)  # the first a.csv is gone
    assert [(file, rows) for file, rows, _ in done.out_of_reach] == [("a.csv", 2)]
    assert count_recorded(folder) == count_rows(folder) == (8, 4)
    keys = folder.table()["_row_key"].to_pylist()
    assert len(set(keys)) == len(keys)


def test_a_source_without_bad_rows_is_left_alone(folder) -> None:
    assert reread(folder).rows_before == 0
    folder.write("a.csv", "id\n1\n")
    folder.land()
    assert reread(folder).rows_before == 0
