from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.errors import SourceError
from patron.ingest.column_names import check_required, make_column_names


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (["CampaignSchema ", "% waste"], ["CampaignSchema", "%_waste"]),
        (["Medium (P1)", "a ,;{}()\n\t=b"], ["Medium_P1_", "a_b"]),
        (["staff_id", "", " "], ["staff_id", "column_2", "column_3"]),
        (["Name", "name", "NAME ", "name_2"], ["Name", "name_2", "NAME_3", "name_2_2"]),
        (["_row_key", "_batch_id"], ["_row_key_2", "_batch_id_2"]),
        (["größe", "日付"], ["größe", "日付"]),
    ],
)
def test_names_that_every_engine_takes(header: list[str], names: list[str]) -> None:
    assert make_column_names(header) == names


@given(st.lists(st.text(max_size=6), max_size=12))
def test_names_are_always_legal_distinct_and_stable(header: list[str]) -> None:
    names = make_column_names(header)
    assert len({name.casefold() for name in names}) == len(header)
    assert not any(re.search(r"[ ,;{}()\n\t=]", name) or not name for name in names)
    assert make_column_names(header) == names


def test_required_columns_are_found_by_either_spelling() -> None:
    check_required(
        ["CampaignSchema", "campaignschema ", "Medium_P1_", "medium (p1)"],
        ["CampaignSchema ", "Medium (P1)"],
        "f",
    )


def test_a_missing_column_is_named_with_the_nearest_and_all_others() -> None:
    with pytest.raises(SourceError) as caught:
        check_required(["InvoiceNo", "Qantity"], ["InvoiceNo", "Quantity", "Country"], "day.csv")
    assert "'Qantity'" in caught.value.what
    assert "InvoiceNo, Quantity, Country" in caught.value.what
    assert "did you mean 'Quantity'?" in str(caught.value.do)
    assert caught.value.where == "day.csv"


def test_thousands_of_equal_names_are_numbered_in_one_pass():
    names = make_column_names(["a"] * 50_000)
    assert (names[0], names[1], names[-1]) == ("a", "a_2", "a_50000")
    assert len(set(names)) == 50_000
