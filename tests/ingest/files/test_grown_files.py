"""Files that grow: yesterday's export with today's rows behind it, in place or under a new name."""

from __future__ import annotations

import gzip

import pytest

from patron.errors import SourceError

DAY_1 = "order,price\n1,10\n2,20\n2,20\n"
DAY_2 = DAY_1 + "3,30\n1,10\n"
DAY_3 = DAY_2 + "4,40\n"


def orders(folder) -> list[str]:
    return [row["order"] for row in folder.rows()]


def test_of_a_file_that_grew_in_place_only_the_rest_lands(folder) -> None:
    folder.write("a.csv", DAY_1)
    folder.land()
    for text, rows in ((DAY_2, 2), (DAY_3, 1)):
        folder.write("a.csv", text)
        landing = folder.land()
        assert (landing.files_landed, landing.rows) == (1, rows)
        assert "a.csv begins with all of a.csv, which landed on" in landing.warnings[0]
    assert orders(folder) == ["1", "2", "2", "3", "1", "4"]
    assert folder.land().files_landed == 0


def test_so_it_is_of_one_that_grew_under_another_name(folder) -> None:
    folder.write("monday.csv", DAY_1)
    folder.land()
    folder.write("tuesday.csv", DAY_2)
    assert folder.land().rows == 2
    folder.write("wednesday.csv", DAY_3)
    assert folder.land().rows == 1
    assert len(orders(folder)) == 6


def test_so_it_is_of_files_that_come_together_whatever_their_names(folder) -> None:
    folder.write("a.csv", DAY_3)
    folder.write("b.csv", DAY_1)
    folder.write("c.csv", DAY_2)
    assert folder.land().rows == 6
    assert sorted(orders(folder)) == ["1", "1", "2", "2", "3", "4"]


def test_an_older_export_that_comes_late_adds_nothing(folder) -> None:
    folder.write("a.csv", DAY_3)
    folder.land()
    folder.write("b.csv", DAY_1)
    landing = folder.land()
    assert (landing.files_landed, landing.files_already_landed) == (0, 2)
    assert landing.warnings == ["b.csv: a.csv begins with all of it; nothing landed"]


def test_where_the_newest_row_of_a_key_counts_files_land_whole(folder) -> None:
    folder.write("a.csv", DAY_1)
    folder.land(newest_counts=True)
    folder.write("a.csv", DAY_2)
    assert folder.land(newest_counts=True).rows == 5


def test_short_files_may_begin_alike(folder) -> None:
    folder.write("a.csv", "order,price\n1,10\n")
    folder.land()
    folder.write("b.csv", "order,price\n1,10\n2,20\n")
    assert folder.land().rows == 2


@pytest.mark.parametrize("ending", ["", "\r\n", "\n"])
def test_a_last_row_without_a_line_end_is_complete_if_the_next_line_follows(folder, ending) -> None:
    folder.write("a.csv", "order,price\r\n1,10\r\n2,20" + ending)
    folder.land()
    folder.write("a.csv", "order,price\r\n1,10\r\n2,20" + (ending or "\r\n") + "3,30\r\n")
    assert folder.land().rows == 1
    assert orders(folder) == ["1", "2", "3"]


def test_a_file_that_goes_on_inside_a_row_stops(folder) -> None:
    folder.write("a.csv", "order,price\n1,10\n2,2")
    folder.land()
    folder.write("a.csv", "order,price\n1,10\n2,25\n3,30\n")
    with pytest.raises(SourceError, match="goes on inside the last row"):
        folder.land()
    assert orders(folder) == ["1", "2"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_encodings_stay_known(folder, encoding) -> None:
    first, rest = "name,n\nJosé,1\nZoë,2\n", "Renée,3\n"
    folder.write("a.csv", first.removesuffix("\n").encode(encoding))
    folder.land()
    folder.write("a.csv", (first + rest).encode(encoding))
    assert folder.land().rows == 1
    assert [row["name"] for row in folder.rows()] == ["José", "Zoë", "Renée"]


def test_rejected_rows_of_the_rest_keep_their_lines(folder) -> None:
    folder.write("a.csv", DAY_1)
    folder.land()
    folder.write("a.csv", DAY_1 + "x\n3,30\n")
    landing = folder.land()
    assert (landing.rows, landing.rejected_rows) == (1, 1)
    assert [(line, raw) for _, line, _, raw in folder.rejected()] == [(5, "x")]


def test_lines_of_json_grow_alike(folder) -> None:
    lines = [f'{{"order": {number}, "price": "10"}}\n' for number in range(5)]
    folder.write("a.jsonl", "".join(lines[:3]))
    folder.land()
    folder.write("a.jsonl", "".join(lines))
    assert folder.land().rows == 2
    assert orders(folder) == ["0", "1", "2", "3", "4"]


def test_a_full_export_made_anew_under_its_name_stops(folder) -> None:
    folder.write("a.csv", DAY_1)
    folder.land()
    folder.write("a.csv", "order,price\n3,30\n2,20\n2,20\n1,10\n")  # the newest first
    with pytest.raises(SourceError, match="2 of 2 different rows of it are in this one again"):
        folder.land()
    assert len(orders(folder)) == 3


def test_a_name_may_be_used_again_for_other_rows(folder) -> None:
    folder.write("latest.csv", DAY_1)
    folder.land()
    folder.write("latest.csv", "price,order\n30,3\n40,4\n10,1\n")
    folder.write("more.csv", "order,price\n1,10\n2,20\n")  # a name of its own
    folder.land()
    assert orders(folder) == ["1", "2", "2", "3", "4", "1", "1", "2"]


def test_a_compressed_file_that_grew_stops_as_well(folder) -> None:
    folder.write("a.csv.gz", gzip.compress(DAY_1.encode()))
    folder.land()
    folder.write("a.csv.gz", gzip.compress(DAY_1.encode()) + gzip.compress(b"3,30\n"))
    with pytest.raises(SourceError, match="would count twice"):
        folder.land()
