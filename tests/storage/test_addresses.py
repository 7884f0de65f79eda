"""Addresses in object storage, what a connection to them is given, and what their refusals are called."""

from __future__ import annotations

import pytest

from patron.errors import EngineError, SourceError
from patron.storage.address import is_address, parse_address
from patron.storage.credentials import read_options, uses_plain_http
from patron.storage.errors import explain_storage_error

BUCKET = parse_address("s3://shop/exports")


@pytest.fixture(autouse=True)
def no_account(monkeypatch, tmp_path):
    for name in (
        "ACCESS_KEY_ID",
        "REGION",
        "DEFAULT_REGION",
        "ENDPOINT_URL",
        "ENDPOINT_URL_S3",
        "PROFILE",
        "ALLOW_HTTP",
    ):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("s3://shop/exports/day.csv", "s3://shop/exports/day.csv"),
        ("S3A://shop/exports/", "s3://shop/exports"),
        ("gs://shop", "gs://shop"),
        ("abfs://box@account.dfs.core.windows.net/a", "abfss://box@account.dfs.core.windows.net/a"),
    ],
)
def test_an_address_is_read_as_every_library_knows_it(written, read):
    assert is_address(written)
    assert str(parse_address(written)) == read
    assert str(parse_address(written).join("more/x")) == f"{read}/more/x"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("ftp://shop/a", "no object storage that patron reads"),
        ("s3:///a", "names no bucket"),
        ("s3://me:secret@shop/a", "holds no password"),
    ],
)
def test_what_is_no_address_is_said_without_its_secret(written, said):
    with pytest.raises(ValueError, match=said) as refused:
        parse_address(written)
    assert "secret" not in str(refused.value)


def test_a_path_is_no_address():
    assert not is_address("exports/day.csv")


def test_a_profile_of_the_clouds_own_files_is_read(monkeypatch, tmp_path):
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = A\n[till]\naws_access_key_id = B\n")
    (tmp_path / "config").write_text("[profile till]\nregion = eu-central-1\n")
    assert read_options(BUCKET) == {"aws_region": "us-east-1", "aws_access_key_id": "A"}
    monkeypatch.setenv("AWS_PROFILE", "till")
    assert read_options(BUCKET) == {"aws_region": "eu-central-1", "aws_access_key_id": "B"}
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "C")
    assert "aws_access_key_id" not in read_options(BUCKET), "the libraries read the environment themselves"


def test_a_store_that_speaks_like_s3_is_reached_by_its_endpoint(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")
    options = read_options(BUCKET)
    assert options["aws_endpoint"] == "http://127.0.0.1:9000"
    assert uses_plain_http(options)
    assert not uses_plain_http({"aws_endpoint": "https://store.example"})


@pytest.mark.parametrize(
    ("text", "what", "do"),
    [
        ("<Code>NoSuchBucket</Code>", "There is no bucket s3://shop", "make it"),
        ("ExpiredToken: The provided token has expired", "have expired", "AWS_ACCESS_KEY_ID"),
        ("status code: 403 Forbidden", "are missing, or do not permit this", "AWS_PROFILE"),
        ("error sending request for url", "does not answer", "AWS_ENDPOINT_URL"),
        ("something odd: yes\n<xml>", "returned an error: something odd: yes.", "run again"),
    ],
)
@pytest.mark.parametrize("kind", [EngineError, SourceError])
def test_a_refusal_says_what_to_do(text, what, do, kind):
    error = explain_storage_error(text, BUCKET, kind)
    assert type(error) is kind
    assert what in error.what
    assert do in error.do
    assert error.where == "s3://shop/exports"
