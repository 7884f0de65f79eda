"""The formats of a column of times, found from its values: what is read equals what was written, or patron asks."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from patron.project.mapping.time_words import EPOCH_MILLISECONDS, EPOCH_SECONDS, ISO
from patron.transform.render.time_casts import parse_time
from patron.transform.render.write_sql import write
from patron.transform.time_formats.choice import Choice, choose_formats
from patron.transform.time_formats.evidence import Values, count_fits

LANDED = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)


def choose(texts: list[str]) -> Choice | None:
    connection = duckdb.connect()
    connection.execute("create table given (v text, _row_key bigint)")
    connection.executemany("insert into given values (?, ?)", [[text, key] for key, text in enumerate(texts)])
    return choose_formats(count_fits(connection, Values("given", "trim(v)", None, len(texts), LANDED)))


def read(texts: list[str], formats: tuple[str, ...], timezone: str = "UTC") -> list[dt.datetime | None]:
    value = exp.column("v")
    sql = write(parse_time(value, value, formats, timezone), "duckdb")
    connection = duckdb.connect()
    return [connection.execute(f"select {sql} from (select ?::text as v)", [text]).fetchone()[0] for text in texts]


MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
LONG_MONTHS = "January February March April May June July August September October November December".split()
DATES = {
    "iso": lambda day: f"{day:%Y-%m-%d}",
    "iso slashes": lambda day: f"{day.year}/{day.month}/{day.day}",
    "year first, dots": lambda day: f"{day:%Y.%m.%d}",
    "day first": lambda day: f"{day.day:02}/{day.month:02}/{day.year}",
    "day first, short": lambda day: f"{day.day}.{day.month}.{day.year}",
    "month first": lambda day: f"{day.month}/{day.day}/{day.year}",
    "month first, two digits": lambda day: f"{day.month}/{day.day}/{day.year % 100:02}",
    "day first, two digits": lambda day: f"{day.day:02}-{day.month:02}-{day.year % 100:02}",
    "day and name": lambda day: f"{day.day}-{MONTHS[day.month - 1]}-{day.year % 100:02}",
    "day and long name": lambda day: f"{day.day} {LONG_MONTHS[day.month - 1]} {day.year}",
    "name and day": lambda day: f"{MONTHS[day.month - 1]} {day.day}, {day.year}",
    "capitals": lambda day: f"{day.day:02}-{MONTHS[day.month - 1].upper()}-{day.year}",
}
CLOCKS = {
    "": (lambda at: "", ["year", "month", "day"]),
    "minutes": (lambda at: f" {at.hour:02}:{at.minute:02}", ["hour", "minute"]),
    "seconds": (lambda at: f" {at.hour}:{at.minute:02}:{at.second:02}", ["hour", "minute", "second"]),
    "half days": (
        lambda at: f" {at.hour % 12 or 12}:{at.minute:02} {'PM' if at.hour >= 12 else 'AM'}",
        ["hour", "minute"],
    ),
    "fractions": (
        lambda at: f" {at.hour:02}:{at.minute:02}:{at.second:02}.{at.microsecond:06}",
        ["hour", "minute", "second", "microsecond"],
    ),
}
INSTANTS = st.datetimes(dt.datetime(2001, 10, 1), dt.datetime(2026, 11, 29))


def keep(at: dt.datetime, parts: list[str]) -> dt.datetime:
    """The time as far as a clock shows it."""
    return dt.datetime(
        at.year, at.month, at.day, **{part: getattr(at, part) for part in parts if part not in "year month day"}
    )


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(DATES)), st.sampled_from(sorted(CLOCKS)), st.lists(INSTANTS, min_size=1, max_size=30))
def test_times_are_read_as_they_were_written_or_in_doubt(date: str, clock: str, times: list[dt.datetime]) -> None:
    write_clock, parts = CLOCKS[clock]
    texts = [DATES[date](at) + write_clock(at) for at in times]
    choice = choose(texts)
    assert choice is not None
    truth = [keep(at, parts) for at in times]
    if not choice.doubtful:
        assert read(texts, choice.formats) == truth
    else:  # then one of the readings is the truth, and none that is offered fails a value
        readings = [read(texts, doubt.formats) for doubt in choice.doubtful]
        assert truth in readings
        assert all(None not in reading for reading in readings)


@settings(max_examples=40, deadline=None)
@given(st.lists(INSTANTS, min_size=1, max_size=20), st.sampled_from([3600, -12600, 0]), st.sampled_from(["", " "]))
def test_offsets_become_the_shops_time(times: list[dt.datetime], seconds: int, blank: str) -> None:
    import zoneinfo

    zone = dt.timezone(dt.timedelta(seconds=seconds))
    texts = [f"{at:%Y-%m-%d %H:%M:%S}{blank}{at.replace(tzinfo=zone):%z}" for at in times]
    choice = choose(texts)
    assert choice == Choice()
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    truth = [at.replace(tzinfo=zone, microsecond=0).astimezone(berlin).replace(tzinfo=None) for at in times]
    assert read(texts, (ISO,), "Europe/Berlin") == truth


@settings(max_examples=40, deadline=None)
@given(st.lists(INSTANTS, min_size=1, max_size=20), st.booleans())
def test_epochs_become_the_shops_time(times: list[dt.datetime], is_in_milliseconds: bool) -> None:
    import zoneinfo

    scale = 1000 if is_in_milliseconds else 1
    instants = [
        at.replace(microsecond=at.microsecond // 1000 * 1000 if is_in_milliseconds else 0, tzinfo=dt.UTC)
        for at in times
    ]
    texts = [str(round(at.timestamp() * scale)) for at in instants]
    choice = choose(texts)
    assert choice == Choice((EPOCH_MILLISECONDS if is_in_milliseconds else EPOCH_SECONDS,))
    tokyo = zoneinfo.ZoneInfo("Asia/Tokyo")
    assert read(texts, choice.formats, "Asia/Tokyo") == [at.astimezone(tokyo).replace(tzinfo=None) for at in instants]


@pytest.mark.parametrize(
    ("texts", "formats"),
    [
        (["2024-03-01", "2024-03-01 10:00", "2024-03-01T10:00:00Z", "2024-03-01 10:00:00 UTC"], ()),
        (["2024-03-01 10:00:00 +0100", "2024-03-01 10:00:00"], ()),
        (["20240301", "20241231"], ("%Y%m%d",)),
        (["20240301103000"], ("%Y%m%d%H%M%S",)),
        (["1-Jan-14", "31-Dec-13"], ("%d-%b-%y",)),
        (["May 1, 2014"], ("%b %d, %Y", "%B %d, %Y")),
        (["May 1, 2014", "June 1, 2014"], ("%B %d, %Y",)),
        (["May 1, 2014", "Jun 1, 2014"], ("%b %d, %Y",)),
        (["Fri, 01 Mar 2024 10:05:33 +0000"], ("%a, %d %b %Y %H:%M:%S %z",)),
        (["13/03/2024 10:00 +01:00"], ("%d/%m/%Y %H:%M %z",)),
        (["2024-03-01 10:05 PM"], ("%Y-%m-%d %I:%M %p",)),
        (["Mar  1 2024 10:05PM"], ("%b %d %Y %I:%M%p",)),
        (["13/03/2024 10:05", "01/03/2024"], ("%d/%m/%Y %H:%M", "%d/%m/%Y")),
        (["13/03/2024", "31/03/24"], ("%d/%m/%y", "%d/%m/%Y")),
        (["2024-03-01", "13.03.2024"], ("%d.%m.%Y", "iso")),
        (["2024-03-01", "1709287200"], ("epoch seconds", "iso")),
        (["31-12-13"], ("%d-%m-%y",)),
        (["93-12-31"], ("%y-%m-%d",)),
    ],
)
def test_formats(texts: list[str], formats: tuple[str, ...]) -> None:
    choice = choose(texts)
    assert choice is not None
    assert set(choice.formats) == set(formats)
    assert not choice.doubtful
    assert None not in read(texts, choice.formats)


def test_a_value_is_never_taken_by_the_format_of_another() -> None:
    texts = ["13/03/2024", "31/03/24"]
    choice = choose(texts)
    assert read(texts, choice.formats) == [dt.datetime(2024, 3, 13), dt.datetime(2024, 3, 31)]


@pytest.mark.parametrize(
    ("texts", "orders"),
    [
        (["03/04/2024", "01/02/2024"], ["day first", "month first"]),
        (["05/05/2024"], ["day first", "month first"]),
        (["01-02-03", "04-05-06"], ["day first", "month first", "year first"]),
        (["25-12-14", "24-11-13"], ["day first", "year first"]),
        (["13/03/2024", "13/03/24"], ["day first", "year first"]),
        (["13/01/2024", "01/02/2024", "01/13/2024"], ["day first", "month first"]),
    ],
)
def test_what_can_be_read_in_two_ways_is_asked(texts: list[str], orders: list[str]) -> None:
    assert [doubt.order for doubt in choose(texts).doubtful] == orders


def test_two_digits_of_a_year_are_not_in_the_future() -> None:
    assert choose(["28-12-14", "27-11-13"]).formats == ("%d-%m-%y",)


@pytest.mark.parametrize("texts", [["n/a", "soon"], ["2024030110"], ["99999999"], ["13/13/2024"], ["12:30"], ["7"]])
def test_what_is_no_time_decides_nothing(texts: list[str]) -> None:
    assert choose(texts) is None


def test_slips_neither_decide_nor_stop() -> None:
    days = [f"{day:02}/{month:02}/2024" for day in range(1, 29) for month in range(1, 13)]
    assert choose([*days, "soon", "31/02/2024", "2024"]).formats == ("%d/%m/%Y",)
    iso = [f"2024-{month:02}-{day:02}" for day in range(1, 29) for month in range(1, 13)]
    assert choose([*iso, "03/04/2024"]) == Choice()
