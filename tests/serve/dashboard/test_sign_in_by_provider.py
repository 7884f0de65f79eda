"""Signing in by an identity provider: a real one on this machine, a browser, and people who may and may not come in."""

from __future__ import annotations

import re
import shutil
import socket
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from patron.project.project import Project
from patron.serve.dashboard.serve import serve_dashboard
from patron.serve.dashboard.sign_in.users import Users

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    provider_mock = pytest.importorskip("oidc_provider_mock", reason="needs the dev extra")

PEOPLE = {
    "cy": {"email": "Cy@shop.example", "email_verified": True},
    "eve": {"email": "eve@elsewhere.example", "email_verified": True},
    "unverified": {"email": "cy@shop.example", "email_verified": False},
    "odd": {"email": "cy@shop.example", "email_verified": "false"},
    "nameless": {},
}
NO_ACCESS = "Your account has no access. Ask the owner of the dashboard to add it."
WAIT = 30_000


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def address(retail: Project, tmp_path_factory) -> Iterator[str]:
    """A dashboard that asks a provider, where cy is listed."""
    root = tmp_path_factory.mktemp("provider") / "shop"
    shutil.copytree(retail.root, root)
    with (root / "patron.yaml").open("a", encoding="utf-8") as file:
        file.write("\ndashboard: {sign_in: oidc, users: users.txt}\n")
    Users(root / "users.txt").set("cy@shop.example", [], None)
    Users(root / "users.txt").set("ana", ["pii"], "a long password")
    port = find_free_port()
    with ExitStack() as stack:
        people = [provider_mock.User(sub=sub, claims=claims) for sub, claims in PEOPLE.items()]
        provider = stack.enter_context(provider_mock.run_server_in_thread(user_claims=people))
        _write_client(root, port, provider.server_port)
        moved = stack.enter_context(pytest.MonkeyPatch.context())
        moved.chdir(root)
        yield stack.enter_context(serve_dashboard(Project.load(root), port=port)).url


def _write_client(root: Path, port: int, provider_port: int) -> None:
    (root / ".streamlit").mkdir(exist_ok=True)
    (root / ".streamlit" / "secrets.toml").write_text(
        f"""
        [auth]
        redirect_uri = "http://localhost:{port}/oauth2callback"
        cookie_secret = "{"s" * 40}"
        client_id = "patron"
        client_secret = "not-told"
        server_metadata_url = "http://localhost:{provider_port}/.well-known/openid-configuration"
        """
    )


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def sign_in(page: Page, address: str, who: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="Sign in with your organisation's account").click(timeout=WAIT)
    page.locator("input[name=sub]").first.fill(who, timeout=WAIT)
    page.get_by_role("button", name="Authorize").click()


def test_a_listed_person_comes_in_and_out_again(page, address):
    sign_in(page, address, "cy")
    expect(page.get_by_text("Net revenue").first).to_be_visible(timeout=WAIT)
    page.reload()
    expect(page.get_by_text("Net revenue").first).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(
        re.compile("/oauth2/end_session"), timeout=WAIT, wait_until="commit"
    )  # the provider asks whether to end its own session, too
    page.goto(address)
    expect(page.get_by_role("button", name="Sign in with your organisation's account")).to_be_visible(timeout=WAIT)


@pytest.mark.parametrize("who", ["eve", "unverified", "odd", "nameless"])
def test_others_see_that_they_have_no_access_and_nothing_else(page, address, who):
    sign_in(page, address, who)
    expect(page.get_by_text(NO_ACCESS)).to_be_visible(timeout=WAIT)
    assert page.get_by_text("Net revenue").count() == 0


def test_a_forged_cookie_and_a_forged_answer_open_nothing(page, address):
    page.context.add_cookies([{"name": "_streamlit_user", "value": '{"email": "cy@shop.example"}', "url": address}])
    page.goto(address)
    expect(page.get_by_role("button", name="Sign in with your organisation's account")).to_be_visible(timeout=WAIT)
    page.goto(f"{address}/oauth2callback?code=made-up&state=made-up")
    page.goto(address)
    expect(page.get_by_role("button", name="Sign in with your organisation's account")).to_be_visible(timeout=WAIT)
