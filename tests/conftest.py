"""Fixtures for every test: shops written and run from Python, and the real data where it is present."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

import kafka_broker as kafka_broker_module
import object_storage
import postgres_server as postgres_server_module
from file_seconds import pytest_runtest_logreport, pytest_sessionfinish  # noqa: F401
from patron.examples import scaffold
from shops import contacts
from shops.building import BuiltShop, Files, Settings, run_shop, write_project
from shops.built_once import ShopsBuiltOnce
from work_order import pytest_collection_modifyitems, pytest_xdist_make_scheduler  # noqa: F401

# Tests start many short processes. Where bytecode and parsed templates may not be kept, each spends seconds on them.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Trees of SQL that a test keeps are looked through for garbage again and again: a third of the time that parsing takes.
gc.set_threshold(100_000, 20, 100)


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory) -> Path:
    """A folder that all processes of this session see."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "session"


@pytest.fixture(scope="session")
def build_shop(tmp_path_factory) -> Callable[[str, Settings, Files], BuiltShop]:
    """Write a project and run it: build_shop(name, patron.yaml as a dict or text, {file: rows or text})."""

    def build(name: str, settings: Settings, files: Files) -> BuiltShop:
        return run_shop(write_project(tmp_path_factory.mktemp(name), settings, files))

    return build


@pytest.fixture(scope="session")
def build_money(tmp_path_factory) -> Callable[..., BuiltShop]:
    """As build_shop, up to what customers and days are worth (BuiltShop.run_money)."""

    def build(name: str, settings: Settings, files: Files) -> BuiltShop:
        shop = BuiltShop(write_project(tmp_path_factory.mktemp(name), settings, files))
        shop.run_money()
        return shop

    return build


@pytest.fixture(scope="session")
def shops_built_once(session_folder) -> ShopsBuiltOnce:
    """Shops that all processes of this session share."""
    return ShopsBuiltOnce(session_folder / "shops")


@pytest.fixture(scope="session")
def build_once(shops_built_once) -> Callable[[str, Settings, Files], BuiltShop]:
    """As build_shop, but once for all tests of whatever process that ask for that name; only read."""

    def get(name: str, settings: Settings, files: Files) -> BuiltShop:
        return shops_built_once.get(name, lambda folder: run_shop(write_project(folder, settings, files)))

    return get


@pytest.fixture(scope="session")
def example(session_folder) -> Callable[[str], BuiltShop]:
    """A shipped shop by its name, built once; only read.

    PATRON_BUILT_SHOPS: a folder where shops are kept from one session to the next.
    """
    kept = os.environ.get("PATRON_BUILT_SHOPS")
    shops = ShopsBuiltOnce(Path(kept) if kept else session_folder / "examples")

    def get(name: str) -> BuiltShop:
        def build(folder: Path) -> BuiltShop:
            scaffold.init(folder, name)
            return run_shop(folder)

        return shops.get(name, build)

    return get


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data; tests that ask for it are skipped where it is absent."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("PATRON_REAL_DATA") or beside)
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}; set PATRON_REAL_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def online_retail_days(real_data) -> list[Path]:
    """UCI Online Retail, one file a trading day, in order."""
    days = sorted((real_data / "online_retail" / "by-day").glob("*.csv"))
    if not days:
        pytest.skip(f"no online_retail/by-day in {real_data}")
    return days


@pytest.fixture(scope="session")
def contacts_shop(build_once) -> BuiltShop:
    """Channels, states of orders, loyalty, support and campaigns."""
    return build_once("contacts", contacts.settings(), contacts.FILES)


@pytest.fixture
def duckdb_value() -> Callable[[str], Any]:
    """The value of one SQL expression."""
    return lambda sql: duckdb.sql(f"select {sql}").fetchone()[0]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres_server_module.PostgresServer]:
    """A PostgreSQL server of the tests' own."""
    yield from postgres_server_module.started()


@pytest.fixture
def postgres(postgres_server, monkeypatch) -> postgres_server_module.Database:
    """An empty database, to which PATRON_POSTGRES leads."""
    database = postgres_server.new_database()
    monkeypatch.setenv("PATRON_POSTGRES", database.url)
    return database


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[kafka_broker_module.KafkaBroker]:
    """A Kafka broker of the tests' own."""
    yield from kafka_broker_module.started()


@pytest.fixture
def kafka(kafka_broker, monkeypatch) -> kafka_broker_module.KafkaBroker:
    """The broker, to which PATRON_KAFKA leads."""
    monkeypatch.setenv("PATRON_KAFKA", kafka_broker.servers)
    return kafka_broker


@pytest.fixture(scope="session")
def s3_server() -> Iterator[object_storage.S3Server]:
    """An S3 server of the tests' own."""
    yield from object_storage.started()


@pytest.fixture
def bucket(s3_server, monkeypatch) -> object_storage.TestBucket:
    """An empty bucket, to which the environment leads through a proxy that can fail."""
    for name, value in object_storage.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.url)
    return s3_server.new_bucket()
