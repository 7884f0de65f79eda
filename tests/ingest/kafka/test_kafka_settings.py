"""patron.yaml of topics holds no secret, and what is missing is told before anything is read."""

from __future__ import annotations

import sys

import pytest
from pydantic import ValidationError

from patron.errors import SettingsError
from patron.ingest.connector import SourceSettings, connect
from patron.ingest.kafka.settings import Kafka
from patron.ingest.source import SourceContext


def connector(tmp_path, **settings):
    content = {"kafka": {"topics": "t", **settings}}
    return connect(SourceSettings.model_validate(content), SourceContext("web", "patron.yaml: web", tmp_path, "data"))


@pytest.mark.parametrize(
    "content",
    [
        {"options": {"sasl.password": "hunter2"}},
        {"options": {"ssl.key.pem": "hunter2"}},
        {"secrets": {"sasl.password": "hunter2!"}},
        {"connection": "hunter2:9092"},
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(content):
    with pytest.raises(ValidationError) as caught:
        Kafka.model_validate({"topics": "t", **content})
    (error,) = caught.value.errors(include_input=False)
    assert "hunter2" not in error["msg"]
    assert "environment variable" in error["ctx"]["do"] or "export" in error["ctx"]["do"]


def test_offsets_are_not_the_clients_to_keep():
    with pytest.raises(ValidationError, match="patron itself sets"):
        Kafka.model_validate({"topics": "t", "options": {"auto.offset.reset": "latest"}})


def test_a_missing_client_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(SettingsError) as caught:
        connector(tmp_path).check()
    assert caught.value.do == "pip install 'patron[kafka]'"


def test_a_secret_that_is_not_set_is_named(tmp_path, monkeypatch):
    pytest.importorskip("confluent_kafka")
    monkeypatch.setenv("PATRON_KAFKA", "localhost:1")
    monkeypatch.delenv("NO_SUCH_SECRET", raising=False)
    with pytest.raises(SettingsError, match="NO_SUCH_SECRET is not set"):
        connector(tmp_path, secrets={"sasl.password": "NO_SUCH_SECRET"}).check()
