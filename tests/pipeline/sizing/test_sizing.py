"""What `patron plan` says: the fit by another route, its errors, and ranges that widen with the distance."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from patron.cli.app import app
from patron.pipeline.sizing import estimate as sizing
from patron.pipeline.sizing.estimate import Setting, estimate_cluster, estimate_machine, size
from patron.pipeline.sizing.measured import Shop, count_decades_beyond, estimate, load_measured, predict

QUANTITIES = ("seconds", "daily_seconds", "memory_mb", "disk_mb")
MEASURED = load_measured()
LARGEST = max(MEASURED["points"], key=lambda point: point["lines"])


def fit_by_subsets(points, quantity):
    """Fit by trying every set of coefficients that are above 0: the best without a negative one is the answer."""
    rows = [point for point in points if quantity in point]
    design = np.array([[1.0, point["lines"] / 1e6, point["customers"] / 1e6] for point in rows])
    values = np.array([point[quantity] for point in rows])
    best, least = None, math.inf
    for kept in itertools.chain.from_iterable(itertools.combinations(range(3), count) for count in (1, 2, 3)):
        found = np.zeros(3)
        found[list(kept)] = np.linalg.lstsq(design[:, kept] / values[:, None], np.ones(len(rows)), rcond=None)[0]
        loss = float((((design @ found) / values - 1) ** 2).sum())
        if (found >= 0).all() and loss < least:
            best, least = found, loss
    return best / [1, 1e6, 1e6]


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_coefficients_are_those_of_the_least_relative_squares(quantity):
    found = MEASURED["quantities"][quantity]
    wanted = fit_by_subsets(MEASURED["points"], quantity)
    assert [found["fixed"], found["per_line"], found["per_customer"]] == pytest.approx(
        list(wanted), rel=1e-6, abs=1e-12
    )


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_range_inside_is_the_worst_error_of_a_size_left_out(quantity):
    points = [point for point in MEASURED["points"] if quantity in point]
    errors = []
    for left in points:
        rest = [one for one in points if abs(math.log10(one["lines"] / left["lines"])) > 0.25]
        fixed, per_line, per_customer = fit_by_subsets(rest, quantity)
        predicted = fixed + per_line * left["lines"] + per_customer * left["customers"]
        errors.append(abs(math.log(predicted / left[quantity])))
    assert MEASURED["quantities"][quantity]["factor"] == pytest.approx(math.exp(max(errors)), rel=1e-6)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_what_was_measured_lies_in_its_range(quantity):
    for point in MEASURED["points"]:
        if quantity in point:
            found = estimate(quantity, Shop(point["lines"], point["customers"]))
            assert found.low <= point[quantity] <= found.high, point["where"]


def test_every_figure_says_where_it_was_measured():
    assert all(point["where"].startswith("results/") for point in MEASURED["points"])
    assert len({point["where"] for point in MEASURED["points"]}) >= 8


def test_ranges_widen_with_the_distance():
    shops = [Shop(LARGEST["lines"] * 10**far, LARGEST["customers"] * 10**far) for far in range(4)]
    widths = [found.high / found.low for found in (estimate("seconds", shop) for shop in shops)]
    assert widths == sorted(set(widths))
    assert [count_decades_beyond(shop, MEASURED["points"]) for shop in shops] == pytest.approx([0, 1, 2, 3])
    strange = Shop(LARGEST["lines"], 1000)  # nothing was measured with 100,000 lines a customer
    assert count_decades_beyond(strange, MEASURED["points"]) > 2


def test_a_machine_like_the_measured_one_takes_what_was_predicted():
    shop = Shop(5e6, 6e5)
    hours = estimate_machine(shop, Setting(cores=MEASURED["cores"])).full_hours
    assert hours.likely * 3600 == pytest.approx(predict("seconds", shop))


def test_more_cores_share_all_but_the_serial_part():
    shop, serial = Shop(5e7, 6e6), MEASURED["serial_seconds"]
    two, many = (estimate_machine(shop, Setting(cores=cores)).full_hours for cores in (2, 10))
    assert many.low * 3600 - serial == pytest.approx((two.low * 3600 - serial) / 5)  # all eight count in full
    assert many.high * 3600 - serial == pytest.approx((two.high * 3600 - serial) / 3)  # half of them do
    assert many.low < many.likely < many.high


def test_workers_share_the_tasks_and_not_the_plan():
    shop, driver = Shop(1e9, 1e8), MEASURED["spark"]["driver_seconds"] / 3600
    one, ten = (estimate_cluster(shop, Setting(workers=workers)) for workers in (1, 10))
    assert ten.full_hours.likely - driver == pytest.approx((one.full_hours.likely - driver) / 10)
    assert ten.memory_gb.likely == pytest.approx(one.memory_gb.likely / 10)
    assert ten.shuffle_gb == one.shuffle_gb


@pytest.mark.parametrize("name", ["low", "likely", "high"])
def test_the_workers_that_are_counted_are_the_fewest_in_time(name):
    shop, setting = Shop(1e11, 1e10), Setting(hours=12, worker_cores=1)
    count = size(shop, setting).workers[name]
    enough, fewer = (
        getattr(estimate_cluster(shop, replace(setting, workers=workers)).full_hours, name)
        for workers in (count, count - 1)
    )
    assert enough <= 12 < fewer


def test_no_number_of_workers_helps_if_the_plan_takes_longer():
    found = size(Shop(1e12, 1e11), Setting(hours=MEASURED["spark"]["driver_seconds"] / 3600))
    assert set(found.workers.values()) == {None}


def test_one_machine_is_enough_up_to_the_lines_that_are_named():
    shop, setting = Shop(1e8, 1e7), Setting(hours=2)
    stays = size(shop, setting).stays_until
    assert stays.low < stays.likely < stays.high
    for name, lines in (("high", stays.low), ("likely", stays.likely), ("low", stays.high)):
        at, beyond = (
            getattr(estimate_machine(Shop(some, some / 10), setting).daily_hours, name)
            for some in (lines * 0.999, lines * 1.001)
        )
        assert at < 2 < beyond


def test_prices_are_those_that_are_named():
    setting = Setting(cores=4, core_hour=0.5, gb_month=2)
    found = size(Shop(1e8, 1e7), setting)
    one = found.one_machine
    hours = one.full_hours.likely + sizing._DAYS * one.daily_hours.likely
    assert found.month["one machine"].likely == pytest.approx(4 * hours * 0.5 + 2 * one.disk_gb.likely)
    assert size(Shop(1e8, 1e7), Setting()).month == {}


def test_the_command_prints_the_same_for_people_and_programs():
    words = ["plan", "--lines", "1e11", "--customers", "1e9", "--workers", "50", "--core-hour", "0.05"]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0, said.output
    assert "100 billion order lines, 1 billion customers" in said.output
    assert "beyond what was measured" in said.output
    found = json.loads(CliRunner().invoke(app, [*words, "--json"]).output)
    assert found["shop"] == {"lines": 1e11, "customers": 1e9}
    assert found["one_machine"]["full_hours"]["likely"] * 3600 == pytest.approx(predict("seconds", Shop(1e11, 1e9)))


def test_without_a_size_the_projects_own_is_read(tmp_path):
    said = CliRunner().invoke(app, ["plan", "--lines", "1e9", "--project", str(tmp_path)])
    assert said.exit_code != 0  # no project, and no customers
