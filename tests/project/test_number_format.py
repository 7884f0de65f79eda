"""How a shop writes numbers, money and days."""

import datetime as dt
from decimal import Decimal

import pytest

from patron.errors import SettingsError
from patron.project.number_format import NOTHING, Formats
from patron.project.settings import Shop

BRITISH, GERMAN = Formats("en_GB", "GBP"), Formats("de_DE", "EUR")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (BRITISH.money(Decimal("1234567.891")), "£1,234,568"),
        (BRITISH.money(-1234.4), "-£1,234"),
        (BRITISH.money(-0.2), "£0"),
        (BRITISH.money(12.5, cents=True), "£12.50"),
        (BRITISH.short_money(481_040), "£481K"),
        (BRITISH.short_money(1234), "£1.2K"),
        (BRITISH.short_money(-2_400_000), "-£2.4M"),
        (BRITISH.short_money(999.4), "£999"),
        (BRITISH.count(12345.6, digits=1), "12,345.6"),
        (BRITISH.short_count(12345), "12K"),
        (BRITISH.share(0.1234, digits=1), "12.3%"),
        (BRITISH.share(-0.0001), "0%"),
        (BRITISH.day(dt.date(2011, 12, 9)), "9 Dec 2011"),
        (BRITISH.month(dt.date(2011, 12, 9)), "Dec 2011"),
        (BRITISH.moment(dt.datetime(2011, 12, 9, 14, 3)), "9 Dec 2011, 14:03"),
        (BRITISH.weekday(1), "Monday"),
        (GERMAN.weekday(7), "Sonntag"),
        (BRITISH.hour(14), "14:00"),
        (Formats("en_US", "USD").hour(14), "2:00\u202fPM"),
        (GERMAN.money(1234567), "1.234.567\xa0€"),
        (GERMAN.short_money(481_040), "481.040\xa0€"),
        (GERMAN.share(0.1234, digits=1), "12,3\xa0%"),
        (GERMAN.day(dt.date(2011, 12, 9)), "09.12.2011"),
        (Formats("ja_JP", "JPY").money(1234567), "￥1,234,567"),
        (Formats("en_IN", "INR").money(1234567), "₹12,34,567"),
    ],
)
def test_as_the_shop_writes(written, expected):
    assert written == expected


@pytest.mark.parametrize("method", ["money", "short_money", "count", "short_count", "share"])
def test_what_is_missing_is_no_zero(method):
    assert getattr(BRITISH, method)(None) == NOTHING
    assert getattr(BRITISH, method)(float("nan")) == NOTHING


def test_a_day_that_is_missing():
    assert {BRITISH.day(None), BRITISH.month(None), BRITISH.moment(None)} == {NOTHING}


def test_the_shop_says_its_locale():
    assert Formats.of(Shop(name="x", currency="EUR", locale="de-DE")) == GERMAN


def test_an_unknown_locale_names_the_nearest(tmp_path):
    from patron.project.project import Project

    text = "shop: {name: x, locale: en_BG}\nsources: {s: {files: '*.csv', entities: {}}}\n"
    (tmp_path / "patron.yaml").write_text(text)
    with pytest.raises(SettingsError, match="en_BG") as result:
        Project.load(tmp_path)
    assert "en_" in str(result.value)


def test_a_chance_is_never_certain() -> None:
    formats = BRITISH
    assert [formats.chance(rate) for rate in (0.9999, 0.991, 0.99, 0.5, 0.01, 0.004, 0, 1, None)] == [
        *("over 99%", "over 99%", "99%", "50%", "1%", "under 1%", "0%", "100%"),
        formats.share(None),
    ]
