"""Which columns tell who a person is: written out here, so that one that is dropped from the contract is missed."""

from patron.contract.entities import load_entities
from patron.contract.personal_data import list_personal_columns

PERSONAL = {
    *("customer_name", "email", "phone", "address", "birth_date"),
    "staff_name",
    *("courier_name", "review_text", "email_domain"),
}


def test_these_columns_are_personal_and_no_others():
    assert set(list_personal_columns()) == PERSONAL


def test_what_the_contract_marks_is_personal():
    marked = {name for entity in load_entities().values() for name, column in entity.columns.items() if column.pii}
    assert marked == {"customer_name", "email", "phone", "address", "birth_date", "staff_name"}


def test_ids_and_measures_are_not():
    assert not {"customer_id", "net_amount", "segment", "age_years", "region"} & list_personal_columns()
