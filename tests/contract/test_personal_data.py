"""Which columns tell who a person is."""

from patron.contract.entities import load_entities
from patron.contract.personal_data import list_personal_columns


def test_names_and_contact_details_are_personal():
    assert {"customer_name", "email", "phone", "address", "birth_date", "courier_name"} <= list_personal_columns()


def test_what_the_contract_marks_is_personal():
    marked = {name for entity in load_entities().values() for name, column in entity.columns.items() if column.pii}
    assert marked and marked <= list_personal_columns()


def test_ids_and_measures_are_not():
    assert not {"customer_id", "net_amount", "segment", "age_years", "region"} & list_personal_columns()
