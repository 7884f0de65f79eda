"""How dbt reaches the warehouses in the cloud: profiles of patron.yaml's values and of environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from patron.errors import SettingsError, did_you_mean

_SHARED = {"schema": "silver", "threads": 4}

_PROFILES: dict[str, dict[str, Any]] = {
    "bigquery": {
        "method": "{{ env_var('PATRON_BIGQUERY_METHOD', 'oauth') }}",
        "keyfile": "{{ env_var('PATRON_BIGQUERY_KEYFILE', '') }}",
        "project": "{{ env_var('PATRON_BIGQUERY_PROJECT') }}",
        "location": "{{ env_var('PATRON_BIGQUERY_LOCATION', 'EU') }}",
    },
    "snowflake": {
        "account": "{{ env_var('PATRON_SNOWFLAKE_ACCOUNT') }}",
        "user": "{{ env_var('PATRON_SNOWFLAKE_USER') }}",
        "password": "{{ env_var('PATRON_SNOWFLAKE_PASSWORD', '') }}",
        "authenticator": "{{ env_var('PATRON_SNOWFLAKE_AUTHENTICATOR', 'snowflake') }}",
        "role": "{{ env_var('PATRON_SNOWFLAKE_ROLE', 'transformer') }}",
        "warehouse": "{{ env_var('PATRON_SNOWFLAKE_WAREHOUSE', 'transforming') }}",
        "database": "{{ env_var('PATRON_SNOWFLAKE_DATABASE') }}",
    },
    "databricks": {
        "host": "{{ env_var('PATRON_DATABRICKS_HOST') }}",
        "http_path": "{{ env_var('PATRON_DATABRICKS_HTTP_PATH') }}",
        "token": "{{ env_var('PATRON_DATABRICKS_TOKEN') }}",
        "catalog": "{{ env_var('PATRON_DATABRICKS_CATALOG', 'main') }}",
    },
}

OTHER_ENGINES = tuple(_PROFILES)
"""The warehouses that the project can be written for, whichever patron.yaml names."""


def build_profile(engine: str, given: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Build dbt's profile of a warehouse. Raises SettingsError for one that is unknown.

    given: values of patron.yaml, which need no variable.
    """
    if engine not in _PROFILES:
        do = did_you_mean(engine, _PROFILES, f"one of {', '.join(_PROFILES)}")
        raise SettingsError(f"There is no project for the engine {engine!r}.", where="--engine", do=do)
    own = {name: value for name, value in (given or {}).items() if name in _PROFILES[engine]}
    return {"type": engine, **_SHARED, **_PROFILES[engine], **own}
