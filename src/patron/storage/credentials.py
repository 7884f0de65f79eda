"""What a connection to object storage is given beside the address: endpoint, credentials, patience.

Credentials come from the environment, from the cloud's own files, or from the machine's role; never from patron.yaml.
The libraries read most of that themselves. What is left: the profiles of ~/.aws/credentials, which not all of them
read, and endpoints of stores that speak like S3.
"""

from __future__ import annotations

import configparser
import datetime as dt
import os
from pathlib import Path
from typing import Any

from patron.storage.address import Address

CLIENT_OPTIONS = {"connect_timeout": "5s", "timeout": "60s"}

RETRIES: dict[str, Any] = {
    "max_retries": 4,
    "retry_timeout": dt.timedelta(seconds=60),
    "backoff": {"base": 2, "init_backoff": dt.timedelta(milliseconds=100), "max_backoff": dt.timedelta(seconds=5)},
}
"""Puts are tried again only where that cannot write twice: a conditional put that was tried twice says so."""

_FILE_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
_ROLES = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")

HOW_TO_SIGN_IN = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (with AWS_SESSION_TOKEN, if there is one), or AWS_PROFILE, "
    "or give the machine a role",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS to a service account's file, or run gcloud auth application-default "
    "login",
    "az": "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or a SAS token, or give the machine an "
    "identity",
}
HOW_TO_SIGN_IN["abfss"] = HOW_TO_SIGN_IN["az"]


def read_options(address: Address) -> dict[str, str]:
    """Read the settings that the address's library does not find by itself, as delta-rs and obstore spell them."""
    return _read_s3_options() if address.scheme == "s3" else {}


def _read_s3_options() -> dict[str, str]:
    found = {"aws_region": _read_region(), **_read_profile()}
    if endpoint := os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"):
        found["aws_endpoint"] = endpoint
        found["aws_virtual_hosted_style_request"] = os.environ.get("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "false")
    return found


def _read_region() -> str:
    own = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return own or _read_section("AWS_CONFIG_FILE", "config", "profile ").get("region", "us-east-1")


def _read_profile() -> dict[str, str]:
    """Read the keys of a profile, unless the environment has keys or the machine a role of its own."""
    if os.environ.get("AWS_ACCESS_KEY_ID") or any(map(os.environ.get, _ROLES)):
        return {}
    section = _read_section("AWS_SHARED_CREDENTIALS_FILE", "credentials")
    return {key: section[key] for key in _FILE_KEYS if key in section}


def _read_section(variable: str, name: str, prefix: str = "") -> dict[str, str]:
    path = Path(os.environ.get(variable) or Path.home() / ".aws" / name)
    profile = os.environ.get("AWS_PROFILE", "default")
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeError):
        return {}
    names = (profile if profile == "default" else prefix + profile, profile)
    return next((dict(parser[each]) for each in names if parser.has_section(each)), {})


def uses_plain_http(options: dict[str, str]) -> bool:
    """Whether the endpoint is one without TLS, on a loopback address or in a private network."""
    return options.get("aws_endpoint", "").startswith("http://") or bool(os.environ.get("AWS_ALLOW_HTTP"))
