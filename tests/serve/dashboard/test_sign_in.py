"""Who gets in: that each question of sign-in is really asked, with Streamlit replaced by what it would answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from patron.errors import SettingsError
from patron.serve.dashboard import app
from patron.serve.dashboard.sign_in import sign_in, users
from patron.serve.dashboard.sign_in.access import OWNER, User, is_local
from patron.serve.dashboard.sign_in.throttle import Throttle
from patron.serve.dashboard.sign_in.users import Users


class Hasher:
    """A hash of a password is the password reversed, and takes no time; counts what is verified."""

    verified = 0

    def hash(self, password: str) -> str:
        return password[::-1]

    def verify(self, kept: str, password: str) -> None:
        from argon2.exceptions import VerifyMismatchError

        Hasher.verified += 1
        if kept != password[::-1]:
            raise VerifyMismatchError


class Page:
    """What Streamlit would be: who signed in by the identity provider, and what the page said."""

    def __init__(self, user: dict[str, Any] | None = None, address: str = "localhost") -> None:
        self.user = dict(user or {})
        self.session_state: dict[str, Any] = {}
        self.errors: list[str] = []
        self.reruns = 0
        self.address = address
        self.logout = self.login = self.subheader = lambda *_: None

    def get_option(self, _: str) -> str:
        return self.address

    def error(self, text: str) -> None:
        self.errors.append(text)

    def button(self, *_: Any, **__: Any) -> bool:
        return False

    def rerun(self) -> None:
        self.reruns += 1


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch):
    monkeypatch.setattr(users, "_make_hasher", Hasher)
    monkeypatch.setattr(users, "_DUMMY_HASH", [])
    Hasher.verified = 0


@pytest.fixture
def project(tmp_path):
    """A shop with ana, who may see persons and has a password, ben, who may not, and cy of the identity provider."""
    kept = Users(tmp_path / "users.txt")
    kept.set("ana", ["pii"], "correct horse battery")
    kept.set("ben", [], "another long one")
    kept.set("cy@shop.example", [], None)
    dashboard = SimpleNamespace(sign_in="oidc", users="users.txt")
    return SimpleNamespace(
        root=tmp_path, settings=SimpleNamespace(dashboard=dashboard), where=lambda *names: ".".join(names)
    )


def asked_by(page: Page, project: Any, monkeypatch, sign_in_by: str) -> User | None:
    project.settings.dashboard.sign_in = sign_in_by
    monkeypatch.setattr(sign_in, "st", page)
    return sign_in.require_user(project)


def of_provider(**claims: Any) -> Page:
    return Page({"is_logged_in": True, "email": "cy@shop.example", **claims})


def test_an_address_that_the_provider_has_not_verified_opens_nothing(project, monkeypatch):
    assert asked_by(of_provider(email_verified=True), project, monkeypatch, "oidc") == User(
        "cy@shop.example", frozenset()
    )
    assert asked_by(of_provider(), project, monkeypatch, "oidc") == User("cy@shop.example", frozenset())
    page = of_provider(email_verified=False)
    assert asked_by(page, project, monkeypatch, "oidc") is None
    assert page.errors == ["Your account has no access. Ask the owner of the dashboard to add it."]


def test_only_a_listed_address_that_is_signed_in_opens_the_dashboard(project, monkeypatch):
    assert asked_by(of_provider(email="other@shop.example"), project, monkeypatch, "oidc") is None
    assert asked_by(of_provider(email=""), project, monkeypatch, "oidc") is None
    assert asked_by(of_provider(email="ana"), project, monkeypatch, "oidc") is None
    assert asked_by(of_provider(is_logged_in=False), project, monkeypatch, "oidc") is None


def test_without_sign_in_only_this_machine_is_served(project, monkeypatch):
    assert asked_by(Page(), project, monkeypatch, "none") is OWNER
    for address in ("0.0.0.0", "", "192.168.0.7", "localhost.example"):
        with pytest.raises(SettingsError, match="without signing in"):
            asked_by(Page(address=address), project, monkeypatch, "none")
    assert [is_local(one) for one in ("localhost", "127.0.0.1", "::1", "0.0.0.0")] == [True, True, True, False]


@pytest.fixture
def attempts(project, monkeypatch):
    """A function that tries a password, and the page that it is tried on; time stands still."""
    page = Page()
    monkeypatch.setattr(sign_in, "st", page)
    monkeypatch.setattr(sign_in, "_THROTTLE", Throttle(clock=lambda: 0.0))

    def attempt(name: str, password: str) -> str:
        page.errors.clear()
        sign_in._try_password(Users(project.root / "users.txt"), name, password)
        return page.errors[0] if page.errors else "in"

    return attempt, page


def test_after_five_wrong_passwords_not_even_the_right_one_is_checked(attempts):
    attempt, page = attempts
    assert [attempt("ana", "wrong") for _ in range(5)] == ["Wrong username or password."] * 5
    checked = Hasher.verified
    assert attempt("ana", "correct horse battery") == "Too many failed attempts. Try again in 5 seconds."
    assert Hasher.verified == checked
    assert page.session_state == {}
    assert attempt("ben", "another long one") == "in"


def test_a_right_password_opens_a_session_and_clears_the_count(attempts, project):
    attempt, page = attempts
    for _ in range(3):
        assert [attempt("ana", "wrong") for _ in range(4)] == ["Wrong username or password."] * 4
        assert attempt("ana", "correct horse battery") == "in"
    assert page.session_state == {"user": ("ana", Users(project.root / "users.txt").seal("ana"))}
    assert page.reruns == 3


def test_an_unknown_name_takes_a_check_as_long_and_counts_as_well(attempts):
    attempt, _ = attempts
    assert [attempt("nobody", "wrong") for _ in range(5)] == ["Wrong username or password."] * 5
    assert Hasher.verified == 5
    assert attempt("nobody", "wrong").startswith("Too many")


def test_a_session_ends_with_its_password_and_with_its_user(project, monkeypatch):
    page, kept = Page(), Users(project.root / "users.txt")
    page.session_state["user"] = ("ana", kept.seal("ana"))
    assert asked_by(page, project, monkeypatch, "password") == User("ana", frozenset({"pii"}))
    page.session_state["user"] = ("ana", kept.seal("ben"))
    with pytest.raises(AttributeError):  # it goes on to draw the form, which this page does not have
        asked_by(page, project, monkeypatch, "password")
    assert page.session_state == {}


def test_a_password_of_ten_characters_is_long_enough(project):
    kept = Users(project.root / "users.txt")
    kept.set("dee", [], "0123456789")
    with pytest.raises(SettingsError, match="too short"):
        kept.set("dee", [], "012345678")
    kept.set("dee", [], "x" * 1_000)
    assert kept.authenticate_password("dee", "x" * 1_000) is not None
    with pytest.raises(SettingsError, match="too long"):
        kept.set("dee", [], "x" * 1_001)


def test_waits_double_from_five_seconds_to_a_quarter_of_an_hour_and_are_forgotten_after_an_hour():
    now = [0.0]
    throttle = Throttle(clock=lambda: now[0])
    waits = [(throttle.record_failure("ana"), throttle.wait("ana"))[1] for _ in range(14)]
    assert waits == [0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    now[0] = 3600.0
    throttle.record_failure("ben")
    throttle.record_failure("ana")
    assert throttle.wait("ana") == 900
    now[0] = 7200.5
    throttle.record_failure("ana")
    assert throttle.wait("ana") == 0


@pytest.mark.parametrize("roles", [frozenset(), frozenset({"pii"})])
def test_the_dashboard_opens_gold_with_the_masks_of_who_signed_in(monkeypatch, roles):
    opened = []

    class OpenedError(Exception):
        """The test needs to see no more."""

    def spy(published: Any, masked: frozenset[str]) -> None:
        opened.append(masked)
        raise OpenedError

    user = User("someone", roles)
    monkeypatch.setattr(app, "require_user", lambda _: user)
    monkeypatch.setattr(app, "open_latest", spy)
    shop = SimpleNamespace(locale="en_GB", currency="GBP", name="Shop", timezone="UTC")
    with pytest.raises(OpenedError):
        app._draw_app(SimpleNamespace(settings=SimpleNamespace(shop=shop), published=None))
    assert ("email" in opened[0]) == (roles == frozenset())


def test_who_is_not_signed_in_is_shown_nothing(monkeypatch):
    shown = []
    monkeypatch.setattr(app, "require_user", lambda _: None)
    monkeypatch.setattr(app, "open_latest", lambda *_: shown.append("data"))
    monkeypatch.setattr(app, "_register_pages", lambda: shown.append("no menu"))
    app._draw_app(SimpleNamespace())
    assert shown == ["no menu"]
