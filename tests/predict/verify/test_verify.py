"""`patron verify`: what it proves, and that it fails where a figure is off."""

from __future__ import annotations

import datetime as dt
import json
from functools import partial

import numpy as np
import pytest

from faults.projects import patron
from patron.errors import SourceError
from patron.predict import ParetoGGG
from patron.predict.verify import Check, apparel, grocery, grocery_regularity, verify
from patron.predict.verify.check import half_unit_of_third_digit


def test_everything_published_comes_out(real_data):
    checks = list(verify(real_data / "cdnow"))
    assert [check for check in checks if not check.passed] == []
    assert {"BG/NBD", "Pareto/NBD", "MBG/NBD", "Gamma-Gamma", "BG/BB", "MBG/CNBD-k"} <= {
        check.section.split(",")[0] for check in checks
    }
    assert len(checks) >= 45


def test_the_command_without_files():
    outcome = patron("verify", "--json")
    checks = json.loads(outcome.out)
    assert outcome.code == 0
    assert all(check["passed"] for check in checks)
    assert len(checks) >= 20


def test_a_figure_that_is_off_fails_the_command(monkeypatch):
    off = [Check("here", "a figure", 1.0, 1.2, 0.1), Check("here", "another", 1.0, 1.0, 0.1)]
    monkeypatch.setattr("patron.predict.verify.verify", lambda *_: iter(off))
    outcome = patron("verify")
    assert (outcome.code, "fail" in outcome.out, "1 failed" in outcome.out) == (5, True, True)


def test_a_nan_is_a_failure():
    assert not Check("here", "a figure", 1.0, float("nan"), 0.1).passed


def test_three_figures():
    assert half_unit_of_third_digit(0.2426) == pytest.approx(0.0005)
    assert half_unit_of_third_digit(-9582.0) == pytest.approx(5)


def test_the_grocery_is_read_as_r_writes_it(tmp_path):
    """Two hundred customers who buy at Erlang-3 gaps: k is found, and the published figures are not, as they differ."""
    rng = np.random.default_rng(4)
    lines = ['"cust","date"']
    for customer in range(200):
        days = rng.integers(0, 30) + np.cumsum([0, *rng.gamma(3, rng.uniform(3, 15), 300)])
        dates = (dt.date(2006, 1, 1) + dt.timedelta(days=int(day)) for day in days if day < 728)
        lines += [f"{customer},{day}" for day in dates]
    (tmp_path / "log.csv").write_text("\n".join(lines))
    counted, stages, forecast = list(grocery.run_checks(tmp_path / "log.csv"))
    assert counted.found == sum(line[-10:] > "2006-12-31" for line in set(lines[1:]))
    assert (stages.found, stages.passed) == (3, False)
    assert forecast.found == pytest.approx(counted.found, rel=0.15)
    with pytest.raises(SourceError, match="cannot be read"):
        list(verify(grocery=tmp_path))


def test_the_published_regularity_of_each_customer(real_data):
    log = real_data / "grocery" / "groceryElog.csv"
    if not log.is_file():
        pytest.skip("needs the data set groceryElog of BTYDplus")
    checks = list(verify(grocery=log))
    assert [check for check in checks if not check.passed] == []
    assert len([check for check in checks if check.section.startswith("Pareto/GGG")]) == 12


def test_the_regularity_of_each_customer_is_checked_on_the_grocery(tmp_path, monkeypatch):
    """Sixty customers of another shop: what was seen is what was written, and the published figures are not."""
    rng = np.random.default_rng(6)
    lines = ['"cust","date"']
    for customer in range(60):
        days = rng.integers(0, 30) + np.cumsum([0, *rng.gamma(6, rng.uniform(1, 15), 300)])
        dates = (dt.date(2006, 1, 1) + dt.timedelta(days=int(day)) for day in days if day < 728)
        lines += [f"{customer},{day}" for day in dates]
    (tmp_path / "log.csv").write_text("\n".join(lines))
    monkeypatch.setattr("patron.predict.ParetoGGG", partial(ParetoGGG, burn_in=100, steps=100), raising=False)
    checks = {check.name: check for check in grocery_regularity.run_checks(tmp_path / "log.csv")}
    assert checks["forecast of the second year"].found == pytest.approx(
        sum(line[-10:] > "2006-12-31" for line in set(lines[1:])), rel=0.15
    )
    assert checks["k, mean of customers' medians"].found == pytest.approx(6, rel=0.3)
    assert not all(check.passed for check in checks.values())


def test_the_published_effects_of_covariates(real_data):
    folder = real_data / "apparel"
    if not folder.is_dir():
        pytest.skip("needs the apparel data sets of CLVTools")
    checks = list(apparel.run_checks(folder))
    assert [check for check in checks if not check.passed] == []
    assert len(checks) == 26


def test_the_apparel_retailer_is_read_as_r_writes_it(tmp_path):
    """Three hundred customers: what is read is what was written, and the published figures are not, as they differ."""
    rng = np.random.default_rng(5)
    people, bought, days = ['"Id","Gender","Channel"'], ['"Id","Date","Price"'], {}
    for customer in range(300):
        gender, channel = rng.integers(0, 2, 2)
        days[customer] = sorted({0, *rng.integers(0, 900, rng.poisson(3 + 3 * gender)).tolist()})
        people.append(f'"{customer}",{gender},{channel}')
        bought += [f'"{customer}",{dt.date(2005, 1, 2) + dt.timedelta(days=day)},9.5' for day in days[customer]]
    (tmp_path / "apparelTrans.csv").write_text("\n".join(bought))
    (tmp_path / "apparelStaticCov.csv").write_text("\n".join(people))
    (frequency, recency, age), covariates = apparel.read_customers(tmp_path)
    seen = [[day for day in own if day <= 728] for own in days.values()]
    assert frequency.tolist() == [len(own) - 1 for own in seen]
    assert recency.tolist() == [own[-1] / 7 for own in seen]
    assert set(age) == {104}
    assert [f"{a:.0f},{b:.0f}" for a, b in zip(*covariates.values(), strict=True)] == [one[-3:] for one in people[1:]]
    checks = list(verify(apparel=tmp_path))
    effects = {check.name: check.found for check in checks if check.name.startswith("purchase effect of Gender")}
    assert min(effects.values()) > 0
    assert not all(check.passed for check in checks)
    (tmp_path / "apparelStaticCov.csv").unlink()
    with pytest.raises(SourceError, match="cannot be read"):
        list(verify(apparel=tmp_path))


def test_a_sample_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SourceError) as error:
        list(verify(tmp_path))
    assert error.value.where == str(tmp_path / "CDNOW_sample.txt")
    (tmp_path / "CDNOW_sample.txt").write_text("00004 0001 someday 2 29.33\n")
    with pytest.raises(SourceError, match="someday"):
        list(verify(tmp_path))
