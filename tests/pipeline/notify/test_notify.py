"""Digests of runs and checks, sent to a webhook, Slack's format and a mail server on this machine."""

from __future__ import annotations

import json
from email import message_from_bytes, policy

import pytest

from patron.cli.app import main
from patron.errors import SettingsError, SourceError
from patron.pipeline.check.finding import CheckReport, Finding
from patron.pipeline.notify.channels import format_for_slack
from patron.pipeline.notify.digest import Digest, digest_check, digest_failure
from patron.pipeline.notify.notify import StreamTeller, send, tell_check, tell_failure
from patron.project.project import Project
from pipeline.notify.receivers import receive_http, receive_mail
from shops.building import add_files, write_project

LINES = [
    {"receipt": f"R{number}", "card": f"Ada{number % 7}", "at": f"2025-03-{1 + number % 28:02} 10:00", "price": "2.50"}
    for number in range(60)
]
SETTINGS = {
    "shop": {"name": "Corner <shop>", "currency": "GBP", "timezone": "Europe/London"},
    "sources": {
        "till": {
            "files": "*.csv",
            "entities": {
                "order_lines": {
                    "columns": {
                        "order_id": "receipt",
                        "customer_id": "card",
                        "ordered_at": "at",
                        "quantity": {"expression": "1"},
                        "unit_price": "price",
                    }
                }
            },
        }
    },
}
EMAIL = {"host": "localhost", "sender": "patron@shop.example", "to": ["owner@shop.example", "ops@shop.example"]}


def load(folder, notify):
    return Project.load(write_project(folder, {**SETTINGS, "notify": notify}, {}))


def patron(*words):
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return left.value.code


@pytest.fixture
def mail(tmp_path, monkeypatch):
    with receive_mail(tmp_path) as (port, mailbox, certificate):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        monkeypatch.setenv("PATRON_SMTP_USER", "patron")
        monkeypatch.setenv("PATRON_SMTP_PASSWORD", "right")
        yield {**EMAIL, "port": port}, mailbox


def test_a_run_tells_what_landed_and_the_key_figures(tmp_path, monkeypatch, capsys):
    folder = write_project(tmp_path / "shop", {**SETTINGS, "notify": {"webhook": {}}}, {"till.csv": LINES})
    with receive_http() as (address, received):
        monkeypatch.setenv("PATRON_WEBHOOK_URL", address)
        assert patron("run", "--project", str(folder), "--quiet") == 0
        (told,) = received
        assert (told["what"], told["status"], told["is_new"]) == ("run", "ok", True)
        assert told["title"] == "Corner <shop>: a run brought gold up to date"
        assert told["lines"] == [
            "till: 60 new rows",
            "As of 2025-03-28: Customers 7, Orders 60, Net revenue GBP 150.00, Average order value GBP 2.50",
        ]
        assert "Ada" not in json.dumps(told)
        assert patron("run", "--project", str(folder), "--quiet") == 0
        assert len(received) == 1, "nothing is new"
        add_files(folder, {"other.csv": "receipt,Ada\n1,2\n"})
        code = patron("run", "--project", str(folder), "--quiet")
        [failure] = [kind for kind in (SettingsError, SourceError) if kind.exit_code == code]
        assert (received[-1]["status"], received[-1]["lines"][0]) == ("failed", failure.summary)
        assert str(folder) not in json.dumps(received[-1]) and "Ada" not in json.dumps(received[-1])
    (folder / "data" / "other.csv").unlink()
    capsys.readouterr()
    assert patron("run", "--project", str(folder), "--quiet", "--full-refresh") == 0, (
        "a message that fails fails no run"
    )
    said = capsys.readouterr().err
    assert "warning: notify.webhook: not sent: URLError" in said
    assert "secret-path" not in said


def test_mail_is_encrypted_and_signed_in_for(tmp_path, mail):
    settings, mailbox = mail
    project = load(tmp_path / "shop", {"email": settings})
    assert send(project, Digest("Corner", "run", "failed", "Corner: a run failed", ["Été"])) == []
    ((recipients, content),) = mailbox.messages
    assert recipients == settings["to"]
    message = message_from_bytes(content, policy=policy.default)
    assert (message["Subject"], message["From"]) == ("Corner: a run failed", "patron@shop.example")
    assert message.get_content().split() == ["Corner:", "a", "run", "failed", "Été"]
    assert mailbox.accounts == [(b"patron", b"right")]


def test_a_wrong_password_is_told_and_not_printed(tmp_path, mail, monkeypatch):
    settings, mailbox = mail
    monkeypatch.setenv("PATRON_SMTP_PASSWORD", "wr0ng")
    project = load(tmp_path / "shop", {"email": settings})
    said = send(project, Digest("Corner", "run", "failed", "x"))
    assert said == ["notify.email: not sent: SMTPAuthenticationError"]
    assert mailbox.messages == []


def test_a_certificate_that_nobody_trusts_is_refused(tmp_path, mail, monkeypatch):
    settings, mailbox = mail
    monkeypatch.delenv("SSL_CERT_FILE")
    project = load(tmp_path / "shop", {"email": settings})
    assert send(project, Digest("Corner", "run", "failed", "x")) == ["notify.email: not sent: SSLCertVerificationError"]
    assert (mailbox.accounts, mailbox.messages) == ([], [])


def test_without_encryption_no_password_leaves(tmp_path, mail):
    settings, mailbox = mail
    project = load(tmp_path / "shop", {"email": {**settings, "starttls": False}})
    (said,) = send(project, Digest("Corner", "run", "failed", "x"))
    assert said == "notify.email: not sent: a password is never sent without starttls"
    assert mailbox.accounts == []


def test_slack_gets_its_format_with_markup_escaped(tmp_path, monkeypatch):
    with receive_http() as (address, received):
        monkeypatch.setenv("PATRON_SLACK_URL", address)
        project = load(tmp_path, {"slack": {}})
        assert send(project, Digest("s", "check", "warn", "Corner <!channel>: 1 finding", ["a & b", "c"])) == []
    assert received == [
        {
            "text": "Corner <!channel>: 1 finding",
            "blocks": [
                {
                    "type": "section",
                    "text": {
                        "type": "mrkdwn",
                        "text": ":warning: *Corner &lt;!channel&gt;: 1 finding*\n• a &amp; b\n• c",
                    },
                }
            ],
        }
    ]


def test_slack_takes_at_most_3000_letters():
    digest = Digest("s", "check", "warn", "t", ["word " * 100] * 40)
    (block,) = format_for_slack(digest)["blocks"]
    assert len(block["text"]["text"]) < 3000


def test_findings_are_told_and_what_may_quote_values_is_not(tmp_path):
    found = [
        Finding("customers", "till", "warn", "the id Ada7 has 90% of the orders"),
        Finding("volume", "till as order_lines", "fail", "2025-03-31 (Monday): no rows; 100 expected"),
        Finding("ledger", "till", "pass", "closed"),
    ]
    digest = digest_check(load(tmp_path, {}), CheckReport(found))
    assert (digest.status, digest.title) == ("failed", "Corner <shop>: 1 check failed")
    assert digest.lines == [
        "fail: volume: till as order_lines: 2025-03-31 (Monday): no rows; 100 expected",
        "warn: customers: till: `patron check` has the details",
    ]


@pytest.mark.parametrize(
    ("when", "wanted"),
    [("problems", [False, False, True, True]), ("changes", [False, True, True, True]), ("always", [True] * 4)],
)
def test_what_is_told_is_a_setting(when, wanted):
    digests = [
        Digest("s", "run", "ok", "t"),
        Digest("s", "run", "ok", "t", is_new=True),
        Digest("s", "run", "warn", "t"),
        Digest("s", "run", "failed", "t"),
    ]
    assert [digest.is_wanted(when) for digest in digests] == wanted


def test_one_way_that_fails_does_not_stop_the_others(tmp_path, monkeypatch):
    with receive_http(status=500) as (broken, _), receive_http() as (address, received):
        monkeypatch.setenv("PATRON_WEBHOOK_URL", broken)
        monkeypatch.setenv("PATRON_SLACK_URL", address)
        project = load(tmp_path, {"webhook": {}, "slack": {}})
        found = CheckReport([Finding("ledger", "till", "fail", "open")])
        assert tell_check(project, found) == ["notify.webhook: not sent: the server answered 500"]
        assert len(received) == 1


def test_a_variable_that_is_not_set_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("PATRON_SLACK_URL", raising=False)
    project = load(tmp_path, {"slack": {}})
    said = send(project, Digest("s", "run", "failed", "t"))
    assert said == ["notify.slack: not sent: the environment variable PATRON_SLACK_URL is not set"]


def test_a_file_is_no_address(tmp_path, monkeypatch):
    monkeypatch.setenv("PATRON_WEBHOOK_URL", "file:///etc/passwd")
    project = load(tmp_path, {"webhook": {}})
    assert send(project, Digest("s", "run", "failed", "t")) == [
        "notify.webhook: not sent: the address is not http or https"
    ]


def test_an_error_goes_on_after_it_was_told(tmp_path, monkeypatch):
    monkeypatch.delenv("PATRON_SLACK_URL", raising=False)
    said = []
    with pytest.raises(SourceError), tell_failure(load(tmp_path, {"slack": {}}), "run", said.extend):
        raise SourceError("The cell 'Ada' is odd.")
    assert said == ["notify.slack: not sent: the environment variable PATRON_SLACK_URL is not set"]


def test_what_an_error_quotes_is_not_sent(tmp_path):
    digest = digest_failure(load(tmp_path, {}), "run", SourceError("The cell 'Ada' is odd.", where="Ada.csv"))
    assert digest.status == "failed"
    assert "Ada" not in digest.as_text()


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/T0KEN", "http://me:T0KEN@127.0.0.1/", "http://[::1T0KEN/"])
def test_no_address_is_told_and_the_others_are_told_all_the_same(tmp_path, monkeypatch, address):
    with receive_http() as (works, received):
        monkeypatch.setenv("PATRON_WEBHOOK_URL", address)
        monkeypatch.setenv("PATRON_SLACK_URL", works)
        (said,) = send(load(tmp_path, {"webhook": {}, "slack": {}}), Digest("s", "run", "failed", "t"))
    assert said.startswith("notify.webhook: not sent: ")
    assert "T0KEN" not in said and "127.0.0.1" not in said
    assert len(received) == 1


def test_a_test_message_says_whether_it_arrived(tmp_path, monkeypatch, capsys):
    load(tmp_path, {"webhook": {}, "when": "problems"})
    with receive_http() as (address, received):
        monkeypatch.setenv("PATRON_WEBHOOK_URL", address)
        assert patron("notify", "--test", "--project", str(tmp_path)) == 0
        assert received[0]["title"] == "Corner <shop>: patron's messages arrive here"
    assert patron("notify", "--test", "--project", str(tmp_path)) == 3
    assert patron("notify", "--project", str(tmp_path)) == 2
    capsys.readouterr()


def test_a_stream_tells_once_that_gold_stands_still_and_once_that_it_moves_again(tmp_path, monkeypatch):
    project = load(tmp_path, {"webhook": {}})
    with receive_http() as (address, received):
        monkeypatch.setenv("PATRON_WEBHOOK_URL", address)
        teller = StreamTeller(project)
        for failure in ("", "Ada's rows are bad", "more rows are bad", "", ""):
            assert teller.tell(failure) == []
    assert [(one["what"], one["status"], one["title"]) for one in received] == [
        ("stream", "failed", "Corner <shop>: a stream no longer brings gold up to date"),
        ("stream", "ok", "Corner <shop>: a stream brings gold up to date again"),
    ]
    assert "Ada" not in json.dumps(received)


def test_a_stream_that_ends_by_an_error_is_told(tmp_path, monkeypatch):
    folder = write_project(tmp_path, {**SETTINGS, "notify": {"webhook": {}}}, {"till.csv": LINES})
    with receive_http() as (address, received):
        monkeypatch.setenv("PATRON_WEBHOOK_URL", address)
        assert patron("stream", "--project", str(folder), "--quiet") == SettingsError.exit_code
    assert [(one["what"], one["status"]) for one in received] == [("stream", "failed")]
