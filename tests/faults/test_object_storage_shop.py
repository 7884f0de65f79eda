"""A shop whose files and lake are in a bucket: gold equals that of a local run, and no fault loses or doubles a row."""

from __future__ import annotations

import math
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from object_storage import Rule, TestBucket
from patron.errors import LockedError, PatronError
from patron.examples import scaffold
from patron.pipeline.doctor import diagnose
from patron.pipeline.tidy import tidy
from patron.project.project import Project
from shops.building import OBSERVED, BuiltShop, as_csv, run_shop, write_project

SOURCE = {
    "files": "*.csv",
    "entities": {
        "order_lines": {
            "columns": {
                "order_id": "receipt",
                "customer_id": "card",
                "ordered_at": "at",
                "product_id": "sku",
                "quantity": {"expression": "1"},
                "unit_price": "price",
            }
        }
    },
}
SHOP = {"name": "Corner", "currency": "GBP", "timezone": "Europe/London"}


def day(number: int) -> str:
    """A day's receipts; five customers who come now and then."""
    lines = [
        {
            "receipt": f"{number}-{card}",
            "card": f"c{card}",
            "at": f"2026-01-{number:02} 10:00",
            "sku": "T1",
            "price": f"{card}.50",
        }
        for card in range(1, 6)
        if (number + card) % 3
    ]
    return as_csv(lines)


def in_bucket(folder: Path, bucket: TestBucket) -> BuiltShop:
    settings = {"shop": SHOP, "data": f"{bucket.url}/data", "lake": f"{bucket.url}/lake", "sources": {"till": SOURCE}}
    return BuiltShop(write_project(folder, settings, {}))


def deliver(bucket: TestBucket, days: range) -> None:
    for number in days:
        bucket.put(f"data/day{number}.csv", day(number))


def lines(shop: BuiltShop) -> list[tuple[str, str]]:
    rows = shop.query("select order_id, customer_id from silver.order_lines order by all")
    return [(row["order_id"], row["customer_id"]) for row in rows]


def expected_lines(days: range) -> list[tuple[str, str]]:
    return sorted((f"{n}-{card}", f"c{card}") for n in days for card in range(1, 6) if (n + card) % 3)


@pytest.fixture(scope="module")
def local(tmp_path_factory) -> BuiltShop:
    files = {f"day{number}.csv": day(number) for number in range(1, 13)}
    return run_shop(write_project(tmp_path_factory.mktemp("local"), {"shop": SHOP, "sources": {"till": SOURCE}}, files))


def assert_same_gold(shop: BuiltShop, other: BuiltShop) -> None:
    """Compare every table exactly, but for floating-point numbers: those of fitted models agree to nine digits."""
    assert shop.gold_tables() == other.gold_tables()
    for name in sorted(set(shop.gold_tables()) - OBSERVED):
        rows, others = shop.rows(f"gold.{name}"), other.rows(f"gold.{name}")
        assert len(rows) == len(others), name
        assert [pair for pair in zip(rows, others, strict=True) if not is_same(*pair)] == [], name


def is_same(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, float):
        return one == other or math.isclose(one, other, rel_tol=1e-9) or (math.isnan(one) and math.isnan(other))
    return bool(one == other)


def test_gold_equals_that_of_a_local_run_in_batches_and_from_another_machine(bucket, tmp_path, local) -> None:
    shop = in_bucket(tmp_path / "one", bucket)
    deliver(bucket, range(1, 9))
    shop.run()
    deliver(bucket, range(9, 13))
    shop.run()
    assert_same_gold(shop, local)
    assert not shop.run().is_new
    assert not (shop.folder / ".patron" / "lake").exists()
    elsewhere = in_bucket(tmp_path / "two", bucket)
    elsewhere.run()
    assert_same_gold(elsewhere, local)
    assert bucket.keys("lake/till/_delta_log/")[-1].endswith("1.json"), "the second machine landed nothing again"
    tidied = tidy(Project.load(shop.folder))
    assert tidied.deleted == [] and all(finding.status != "fail" for finding in diagnose(shop.folder))


def test_runs_on_two_machines_at_once_land_each_row_once(bucket, tmp_path) -> None:
    deliver(bucket, range(1, 5))
    shops = [in_bucket(tmp_path / str(number), bucket) for number in range(4)]

    def land(shop: BuiltShop) -> tuple[int, str]:
        code = f"import sys; from patron.cli.app import main; sys.argv = ['patron', 'run', '-p', {str(shop.folder)!r}, '--select', '+order_lines']; main()"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(land, shops))
    refused = [text for code, text in ended if code]
    assert len(refused) < 4 and all("Another run is using this lake" in text for text in refused), ended
    shops[0].run(select="+order_lines")
    assert lines(shops[0]) == expected_lines(range(1, 5))


def test_a_killed_run_is_finished_by_the_next(bucket, tmp_path) -> None:
    deliver(bucket, range(1, 5))
    shop = in_bucket(tmp_path, bucket)
    code = f"from patron.project.project import Project; from patron.pipeline.run import run; run(Project.load({str(shop.folder)!r}), select='+order_lines')"
    for at in ("data/day3", "lake/till/part-", "_delta_log/0"):
        bucket.fail(Rule("hang", at))
        process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while not any(at in path and method in ("GET", "PUT") for method, path in bucket.asked()):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.1)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        bucket.fail()
    shop.run(select="+order_lines")
    assert lines(shop) == expected_lines(range(1, 5))


def test_a_run_elsewhere_waits_for_the_lease_of_a_killed_one_and_says_so(bucket, tmp_path) -> None:
    deliver(bucket, range(1, 3))
    shop, other = in_bucket(tmp_path / "one", bucket), in_bucket(tmp_path / "two", bucket)
    with Project.load(other.folder).lake.hold_lease(other.folder):
        with pytest.raises(LockedError, match="Another run is using this lake") as raised:
            shop.run(select="+order_lines")
        assert "60 seconds" in str(raised.value.do)
    shop.run(select="+order_lines")


@pytest.mark.parametrize("fault", ["expired", "no_bucket"])
def test_credentials_that_expire_and_a_bucket_that_vanishes_stop_a_run_that_the_next_finishes(
    bucket, tmp_path, fault
) -> None:
    deliver(bucket, range(1, 5))
    shop = in_bucket(tmp_path, bucket)
    bucket.fail(Rule(fault, "lake/till"))
    with pytest.raises(PatronError) as raised:
        shop.run(select="+order_lines")
    assert ("have expired" if fault == "expired" else "There is no bucket") in raised.value.what
    assert raised.value.do and bucket.name in str(raised.value.where)
    bucket.fail()
    shop.run(select="+order_lines")
    assert lines(shop) == expected_lines(range(1, 5))


def test_copies_that_are_gone_are_fetched_again(bucket, tmp_path) -> None:
    deliver(bucket, range(1, 5))
    shop = in_bucket(tmp_path, bucket)
    shop.run(select="+order_lines")
    shutil.rmtree(shop.folder / ".patron" / "lake-copies")
    deliver(bucket, range(5, 7))
    shop.run(select="+order_lines")
    assert lines(shop) == expected_lines(range(1, 7))


@pytest.mark.soak
@pytest.mark.real_data
def test_the_whole_online_retail_flow_equals_a_local_run(bucket, tmp_path, online_retail_days) -> None:
    """305 files, in three batches."""
    local = BuiltShop(scaffold.init(tmp_path / "local", "online_retail"))
    shutil.rmtree(local.folder / "data")
    (local.folder / "data").mkdir()
    for path in online_retail_days:
        shutil.copy(path, local.folder / "data")
    local.run()
    remote = BuiltShop(scaffold.init(tmp_path / "remote", "online_retail"))
    shutil.rmtree(remote.folder / "data")
    settings = (remote.folder / "patron.yaml").read_text()
    addresses = f"data: {bucket.url}/data\nlake: {bucket.url}/lake\n"
    (remote.folder / "patron.yaml").write_text(re.sub(r"^data:.*\n", "", settings, flags=re.M) + addresses)
    for start in range(0, len(online_retail_days), 102):
        for path in online_retail_days[start : start + 102]:
            bucket.put(f"data/{path.name}", path.read_bytes())
        started = time.monotonic()
        remote.run()
        print(f"{start}: {time.monotonic() - started:.1f} s, {len(bucket.asked()):,} requests")
    assert_same_gold(remote, local)


def test_doctor_says_what_is_missing(bucket, tmp_path, monkeypatch) -> None:
    shop = in_bucket(tmp_path, bucket)
    deliver(bucket, range(1, 3))
    found = {finding.name: finding for finding in diagnose(shop.folder)}
    assert (found["source till"].status, found["lake"].status) == ("pass", "pass")
    assert "2 files" in found["source till"].detail
    bucket.fail(Rule("expired"))
    found = {finding.name: finding for finding in diagnose(shop.folder)}
    assert (found["source till"].status, found["lake"].status) == ("fail", "fail")
    assert "AWS_ACCESS_KEY_ID" in found["lake"].detail
    monkeypatch.setitem(sys.modules, "obstore", None)
    found = {finding.name: finding for finding in diagnose(shop.folder)}
    assert "pip install 'patron[cloud]'" in found["lake"].detail
