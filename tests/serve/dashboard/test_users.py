"""The file of users: who may enter, with which role, by which password."""

from __future__ import annotations

import stat

import pytest

from patron.contract.personal_data import list_personal_columns
from patron.errors import SettingsError
from patron.project.project import Project
from patron.serve.dashboard.sign_in.access import OWNER, User, check_address
from patron.serve.dashboard.sign_in.throttle import Throttle
from patron.serve.dashboard.sign_in.users import Users
from shops import contacts
from shops.building import write_project


@pytest.fixture
def path(tmp_path):
    users = Users(tmp_path / "users.txt")
    users.set("ana", ["pii"], "correct horse battery")
    users.set("ben", [], "another long one")
    users.set("cy@shop.example", ["pii"], None)
    return users.path


def test_passwords_are_kept_as_argon2id_and_for_the_owner_alone(path):
    lines = path.read_text().splitlines()
    assert [line.split("$")[0] for line in lines] == ["ana:pii:", "ben::", "cy@shop.example:pii:oidc"]
    assert lines[0].split("$")[1] == "argon2id"
    assert "correct horse" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_who_signs_in(path):
    users = Users(path)
    assert users.authenticate_password("ana", "correct horse battery") == User("ana", frozenset({"pii"}))
    assert users.authenticate_password("ben", "another long one") == User("ben", frozenset())
    assert users.authenticate_password("ana", "another long one") is None
    assert users.authenticate_password("nobody", "another long one") is None
    assert users.authenticate_password("cy@shop.example", "oidc") is None
    assert users.authenticate_oidc("CY@shop.example") == User("cy@shop.example", frozenset({"pii"}))
    assert users.authenticate_oidc("ana") is None


def test_a_user_is_taken_out(path):
    Users(path).remove("ana")
    assert Users(path).authenticate_password("ana", "correct horse battery") is None
    with pytest.raises(SettingsError, match="no user 'ana'"):
        Users(path).remove("ana")


@pytest.mark.parametrize(
    ("name", "roles", "password", "output"),
    [
        ("a b", [], "long enough here", "not a valid username"),
        ("a:b", [], "long enough here", "not a valid username"),
        ("ana", ["admin"], "long enough here", "no role 'admin'"),
        ("ana", [], "short", "too short"),
    ],
)
def test_invalid_users_are_refused(path, name, roles, password, output):
    before = path.read_text()
    with pytest.raises(SettingsError, match=output):
        Users(path).set(name, roles, password)
    assert path.read_text() == before


def test_a_spoiled_line_is_named(path):
    path.write_text("# people\n\nana\n")
    with pytest.raises(SettingsError) as caught:
        Users(path)
    assert caught.value.where.endswith("users.txt, line 3")


def test_wrong_passwords_lengthen_the_wait():
    now = [0.0]
    throttle = Throttle(clock=lambda: now[0])
    waits = []
    for _ in range(8):
        throttle.record_failure("ana")
        waits.append(throttle.wait("ana"))
    assert waits == [0, 0, 0, 0, 5, 10, 20, 40]
    assert throttle.wait("ben") == 0
    now[0] = 15.0
    assert throttle.wait("ana") == 25
    throttle.record_success("ana")
    assert throttle.wait("ana") == 0


def test_a_public_address_requires_sign_in(tmp_path):
    project = Project.load(write_project(tmp_path / "open", contacts.settings(), {}))
    check_address(project, "localhost")
    with pytest.raises(SettingsError, match="without signing in") as caught:
        check_address(project, "0.0.0.0")
    assert "patron dashboard-user" in caught.value.do
    shared = contacts.settings(dashboard={"sign_in": "password"})
    check_address(Project.load(write_project(tmp_path / "shared", shared, {})), "0.0.0.0")


def test_personal_columns_are_masked_by_role():
    assert OWNER.masked_columns == frozenset()
    assert User("ana", frozenset({"pii"})).masked_columns == frozenset()
    assert User("ben", frozenset()).masked_columns == list_personal_columns() >= {"email", "customer_name", "phone"}
