"""Data health: how fresh the figures are, whether every row is accounted for, how good the predictions have been."""

from __future__ import annotations

import datetime as dt

from patron.publish.manifest import Manifest
from patron.serve.dashboard.data import Result
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.pages.data_house import data_house
from patron.serve.dashboard.pages.model_scores import model_scores
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.definitions import Definition
from patron.serve.dashboard.widgets.empty_state import empty
from patron.serve.dashboard.widgets.labels import plain
from patron.serve.dashboard.widgets.tables import table
from patron.serve.dashboard.widgets.tiles import Tile, tiles

_ACCOUNTED = ("silver_count", "duplicate_count", "deleted_count", "quarantined_count", "filtered_count")


def render(view: View) -> None:
    """Draw the page."""
    about = view.data.about
    if not about.sources:
        empty("Nothing is told of this snapshot", "An older patron published it. Run `patron run --full-refresh`.")
    else:
        tiles(_tiles(view, about))
        data_house(view, about)
        _sources(view, about)
        _accounting(view, about)
        _bad_rows(view, about)
    model_scores(view)
    _empty_tables(view, about)


def _tiles(view: View, about: Manifest) -> list[Tile]:
    formats = view.formats
    rows = sum(source.rows for source in about.sources)
    bad = sum(kind.row_count for kind in about.bad_rows)
    share = formats.share(bad / (rows + sum(s.rejected for s in about.sources)) if rows else 0, digits=2)
    as_of = view.data.snapshot.as_of
    return [
        Tile("Measured at", formats.day(dt.date.fromisoformat(as_of)) if as_of else formats.day(None)),
        Tile("Rows that landed", formats.count(rows), against=f"from {_how_many(len(about.sources))}"),
        Tile("Bad rows", formats.count(bad), against=f"{share} of all rows"),
        Tile("Tests of the data", formats.count(about.tests_passed), against="all hold, or nothing is published"),
        Tile(
            "Tables built",
            formats.count(about.models_built),
            against=f"because {_inside(about.reason)}" if about.reason else "",
        ),
    ]


def _how_many(count: int) -> str:
    return "1 source" if count == 1 else f"{count} sources"


def _sources(view: View, about: Manifest) -> None:
    columns = ["source", "rows", "files", "rejected", "last_landed_at", "last_event"]
    rows = [
        (plain(one.source), one.rows, one.files, one.rejected, _moment(one.last_landed_at), _moment(one.last_event))
        for one in about.sources
    ]
    meaning = [
        Definition("Landed last", "When rows of the source last arrived, in UTC."),
        Definition("Last event", "The latest moment in its rows, in the shop's own time; none where it has no times."),
        Definition("Unreadable", "Rows that could not be split into columns; they are kept aside."),
    ]
    names = {"source": "Source", "rows": "Rows", "files": "Files", "rejected": "Unreadable"}
    names |= {"last_landed_at": "Landed last (UTC)", "last_event": "Last event"}
    table("Freshness of the sources", Result(columns, rows), view.formats, definition=meaning, labels=names)


def _accounting(view: View, about: Manifest) -> None:
    columns = ["source", "entity", "row_count", *_ACCOUNTED]
    rows = [
        tuple(plain(getattr(one, name)) if name in ("source", "entity") else getattr(one, name) for name in columns)
        for one in about.accounting
    ]
    names = {"source": "Source", "entity": "Becomes", "row_count": "Rows in", "silver_count": "Kept"}
    names |= {"duplicate_count": "Replaced by newer", "deleted_count": "Deleted", "quarantined_count": "Bad"}
    names |= {"filtered_count": "Left out by the mapping"}
    open_rows = sum(one.row_count - sum(getattr(one, name) for name in _ACCOUNTED) for one in about.accounting)
    said = "Rows in = kept + replaced + deleted + bad + left out; "
    said += "not one row is missing." if not open_rows else f"{view.formats.count(open_rows)} rows are missing!"
    meaning = [Definition("Rows in", "Rows of the source in the lake; the other columns add up to it.")]
    table("Every row accounted for", Result(columns, rows), view.formats, definition=meaning, labels=names, note=said)


def _bad_rows(view: View, about: Manifest) -> None:
    if not about.bad_rows:
        empty("No bad rows", "Every row could be read, and every value fits its column.")
        return
    columns = ["source", "entity", "reason", "row_count"]
    rows = [(plain(one.source), plain(one.entity), plain(one.reason), one.row_count) for one in about.bad_rows]
    names = {"source": "Source", "entity": "Would become", "reason": "What is wrong", "row_count": "Rows"}
    meaning = [Definition("Bad rows", "Rows that could not be read or whose values do not fit; none is lost.")]
    note = "`patron quarantine` shows some of each kind as they came; `patron replay` takes them again."
    table("Bad rows by kind", Result(columns, rows), view.formats, definition=meaning, labels=names, note=note)


def _empty_tables(view: View, about: Manifest) -> None:
    if not about.empty:
        return
    rows = [(plain(name), plain(why)) for name, why in sorted(about.empty.items())]
    names = {"table": "Table", "why": "Why it has no row"}
    meaning = [Definition("Empty tables", "Tables whose data the shop does not have, or not enough of.")]
    table(
        "What this shop has no figures for",
        Result(["table", "why"], rows),
        view.formats,
        definition=meaning,
        labels=names,
    )


def _inside(reason: str) -> str:
    """A reason as the end of a sentence."""
    said = plain(reason)
    return said[:1].lower() + said[1:]


def _moment(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


PAGE = Page(
    path="data_health",
    title="Data health",
    question="Are the figures fresh and whole, and can the predictions be trusted?",
    icon=":material/health_and_safety:",
    render=render,
)
