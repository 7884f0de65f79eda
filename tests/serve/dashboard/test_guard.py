"""The guard before Streamlit: headers, closed routes, known messages; and sign-in that stands guessing."""

from __future__ import annotations

import asyncio
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import nasty_names
import pytest
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg

from patron.errors import SettingsError
from patron.serve.dashboard import guard
from patron.serve.dashboard.serve import DashboardError, RunningDashboard, _refuse_unguarded
from patron.serve.dashboard.sign_in import sign_in, users
from patron.serve.dashboard.sign_in import throttle as throttle_module
from patron.serve.dashboard.sign_in.throttle import Throttle
from patron.serve.dashboard.sign_in.users import BusyError, Users


def message(**fields: object) -> bytes:
    return BackMsg(**fields).SerializeToString()


def passed(*contents: bytes) -> list[bytes]:
    """What of a client's messages reaches Streamlit."""
    waiting = [{"type": "websocket.connect"}, *({"type": "websocket.receive", "bytes": one} for one in contents)]
    waiting.append({"type": "websocket.disconnect"})
    seen: list[bytes] = []

    async def app(scope, receive, send):
        while (found := await receive())["type"] != "websocket.disconnect":
            if found["type"] == "websocket.receive":
                seen.append(found["bytes"])

    async def receive():
        return waiting.pop(0)

    guarded = guard.Guard(app)
    with ThreadPoolExecutor(1) as pool:  # a browser of another test may have left its loop in this thread
        pool.submit(
            lambda: asyncio.run(guarded({"type": "websocket", "path": "/_stcore/stream"}, receive, None))
        ).result()
    return seen


def test_of_a_clients_messages_only_those_of_pages_pass():
    fine = [message(rerun_script={}), message(stop_script=True), message(app_heartbeat=True)]
    bad = [message(clear_cache=True), message(set_run_on_save=True), message(load_git_info=True)]
    bad += [message(file_urls_request={}), b"", b"\xff\xff not a message"]
    assert passed(bad[0], fine[0], *bad[1:], *fine[1:], bad[0]) == fine


CLOSED = [
    ("GET", "/_stcore/metrics"),
    ("GET", "/base/_stcore/metrics"),
    ("GET", "/_stcore/script-health-check"),
    ("GET", "/_stcore/agent/openapi.json"),
    ("PUT", "/_stcore/upload_file/a/b"),
    ("DELETE", "/_stcore/upload_file/a/b"),
    ("POST", "/"),
]


@pytest.fixture(scope="module")
def url(odd_shop, served) -> str:
    return served(odd_shop)


def ask(url: str, method: str = "GET"):
    try:
        return urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10)
    except urllib.error.HTTPError as refused:
        return refused


@pytest.mark.parametrize(("method", "path"), CLOSED)
def test_routes_that_no_page_needs_are_closed(url, method, path):
    assert guard.is_closed(method, path)
    assert ask(url + path, method).status in (403, 404)


@pytest.mark.parametrize("path", ["/", "/customers", "/_stcore/health", "/_stcore/metrics", "/nothing/there.js"])
def test_every_answer_has_the_headers(url, path):
    headers = ask(url + path).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    policy = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert policy["default-src"] == "'self'"
    assert "unsafe" not in policy["script-src"]


def test_a_server_without_the_guard_is_stopped(url):
    class Plain:
        def __init__(self) -> None:
            self.headers: dict[str, str] = {}

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    dashboard = RunningDashboard(url, None)
    _refuse_unguarded(dashboard)
    with patch("urllib.request.urlopen", return_value=Plain()), pytest.raises(DashboardError, match="guard"):
        _refuse_unguarded(dashboard)


# Sign-in


def test_clearing_streamlits_caches_does_not_clear_the_throttle():
    for _ in range(9):
        sign_in._THROTTLE.record_failure("guessed")
    st.cache_data.clear()
    st.cache_resource.clear()
    assert sign_in._THROTTLE.wait("guessed") > 0
    sign_in._THROTTLE.record_success("guessed")


def test_many_other_names_do_not_clear_it_either(monkeypatch):
    monkeypatch.setattr(throttle_module, "_MAX_NAMES", 100)
    throttle = Throttle(clock=lambda: 0.0)
    for _ in range(9):
        throttle.record_failure("ana")
    for number in range(1_000):
        throttle.record_failure(f"name{number}")
    assert throttle.wait("ana") > 0


@pytest.fixture
def kept(tmp_path) -> Users:
    found = Users(tmp_path / "users.txt")
    found.set("ana", [], "correct horse battery")
    return found


def test_one_password_is_checked_at_a_time(kept, monkeypatch):
    at_once, most, lock = 0, 0, threading.Lock()

    class Slow:
        def verify(self, *_: str) -> None:
            nonlocal at_once, most
            with lock:
                at_once += 1
                most = max(most, at_once)
            threading.Event().wait(0.01)
            with lock:
                at_once -= 1

    monkeypatch.setattr(users, "_make_hasher", Slow)
    guesses = [threading.Thread(target=kept.authenticate_password, args=("ana", f"guess {n}")) for n in range(30)]
    for guess in guesses:
        guess.start()
    for guess in guesses:
        guess.join()
    assert most == 1


def test_who_waits_too_long_is_told(kept, monkeypatch):
    monkeypatch.setattr(users, "_LONGEST_WAIT", 0.01)
    with users._CHECKING, pytest.raises(BusyError):
        kept.authenticate_password("ana", "correct horse battery")
    assert kept.authenticate_password("ana", "correct horse battery")


def test_a_password_may_not_be_endless(kept):
    with pytest.raises(SettingsError, match="too long"):
        kept.set("ben", [], "x" * 1_001)


def test_a_new_password_ends_open_sessions(tmp_path, kept):
    before = kept.seal("ana")
    kept.set("ana", ["pii"], "another long password")
    assert kept.seal("ana") != before
    assert Users(kept.path).seal("ana") == kept.seal("ana")


def test_an_open_window_must_sign_in_again_after_a_new_password(odd_shop, screen, served):
    page = screen(odd_shop).open("customers")
    page.sign_in("ben", nasty_names.PASSWORDS["ben"])
    file = Users(odd_shop.root / "users.txt")
    before = file.path.read_text()
    try:
        file.set("ben", [], "quite another password")
        page.page.get_by_label("Search customers").fill("c1")
        page.page.get_by_label("Search customers").press("Enter")
        page.page.get_by_label("Username", exact=True).wait_for()
        assert page.page.locator(".page-heading").count() == 0
    finally:
        file.path.write_text(before)
