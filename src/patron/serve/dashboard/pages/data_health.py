"""Data health: freshness, row accounting and the quality of the predictions."""

from __future__ import annotations

import datetime as dt

from patron.contract.revenue_bridge import BESIDE, STEPS, list_steps
from patron.publish.manifest import Manifest
from patron.serve.dashboard.data import Result
from patron.serve.dashboard.page import Page
from patron.serve.dashboard.pages.data_house import draw_data_house
from patron.serve.dashboard.pages.data_lineage import draw_lineage
from patron.serve.dashboard.pages.model_scores import draw_model_scores
from patron.serve.dashboard.view import View
from patron.serve.dashboard.widgets.definitions import Definition
from patron.serve.dashboard.widgets.empty_state import draw_empty_state
from patron.serve.dashboard.widgets.labels import to_plain_words
from patron.serve.dashboard.widgets.tables import draw_table
from patron.serve.dashboard.widgets.tiles import Tile, draw_tiles

_ACCOUNTED = ("silver_count", "duplicate_count", "deleted_count", "quarantined_count", "filtered_count")


def render(view: View) -> None:
    """Draw the page."""
    about = view.data.about
    if not about.sources:
        draw_empty_state(
            "No details about this snapshot",
            "An older version of patron published it. Run `patron run --full-refresh`.",
        )
    else:
        draw_tiles(_build_tiles(view, about))
        draw_data_house(view, about)
        _draw_sources(view, about)
        _draw_accounting(view, about)
        _draw_money(view)
        _draw_bad_rows(view, about)
    draw_model_scores(view)
    draw_lineage(view)
    _draw_empty_tables(view, about)


def _build_tiles(view: View, about: Manifest) -> list[Tile]:
    formats = view.formats
    rows = sum(source.rows for source in about.sources)
    bad = sum(kind.row_count for kind in about.bad_rows)
    share = formats.share(bad / (rows + sum(s.rejected for s in about.sources)) if rows else 0, digits=2)
    as_of = view.data.snapshot.as_of
    return [
        Tile("As of", formats.day(dt.date.fromisoformat(as_of)) if as_of else formats.day(None)),
        Tile("Rows ingested", formats.count(rows), against=f"from {_format_count(len(about.sources))}"),
        Tile("Bad rows", formats.count(bad), against=f"{share} of all rows"),
        Tile("Data tests passed", formats.count(about.tests_passed), against="all must pass before publishing"),
        Tile(
            "Tables built",
            formats.count(about.models_built),
            against=f"because {_write_clause(about.reason)}" if about.reason else "",
        ),
    ]


def _format_count(count: int) -> str:
    return "1 source" if count == 1 else f"{count} sources"


def _draw_sources(view: View, about: Manifest) -> None:
    columns = ["source", "rows", "files", "rejected", "last_landed_at", "last_event"]
    rows = [
        (
            to_plain_words(one.source),
            one.rows,
            one.files,
            one.rejected,
            _parse_moment(one.last_landed_at),
            _parse_moment(one.last_event),
        )
        for one in about.sources
    ]
    meaning = [
        Definition("Last ingested", "When rows of the source last arrived, in UTC."),
        Definition(
            "Last event", "The latest event time in its rows, in the shop's timezone; empty where it has no times."
        ),
        Definition("Unreadable", "Rows that could not be parsed into columns; they are kept in quarantine."),
    ]
    names = {"source": "Source", "rows": "Rows", "files": "Files", "rejected": "Unreadable"}
    names |= {"last_landed_at": "Last ingested (UTC)", "last_event": "Last event"}
    draw_table("Source freshness", Result(columns, rows), view.formats, definition=meaning, labels=names)


def _draw_accounting(view: View, about: Manifest) -> None:
    columns = ["source", "entity", "row_count", *_ACCOUNTED]
    rows = [
        tuple(
            to_plain_words(getattr(one, name)) if name in ("source", "entity") else getattr(one, name)
            for name in columns
        )
        for one in about.accounting
    ]
    names = {"source": "Source", "entity": "Entity", "row_count": "Rows in", "silver_count": "Kept"}
    names |= {"duplicate_count": "Duplicates", "deleted_count": "Deleted", "quarantined_count": "Quarantined"}
    names |= {"filtered_count": "Filtered by the mapping"}
    open_rows = sum(one.row_count - sum(getattr(one, name) for name in _ACCOUNTED) for one in about.accounting)
    text = "Rows in = kept + duplicates + deleted + quarantined + filtered; "
    text += "no rows are missing." if not open_rows else f"{view.formats.count(open_rows)} rows are missing."
    meaning = [Definition("Rows in", "Rows of the source in the lake; the other columns add up to it.")]
    draw_table("Row accounting", Result(columns, rows), view.formats, definition=meaning, labels=names, note=text)


def _draw_money(view: View) -> None:
    if not view.data.count("revenue_bridge"):
        return
    names = (*STEPS, *BESIDE, "quarantined_amount")
    sources = view.data.rows(f"select {', '.join(names)} from gold.revenue_bridge").rows
    found = {name: sum(source[place] for source in sources) for place, name in enumerate(names)}
    rows = [(what[:1].upper() + what[1:], amount) for what, amount in list_steps(found)]
    rows += [(f"Beside it: {what}", found[name]) for name, what in BESIDE.items() if found[name]]
    if found["quarantined_amount"]:
        rows.append(("In quarantine, as far as amounts can be read", found["quarantined_amount"]))
    meaning = [
        Definition("Raw total", "Quantity x price of all lines as they are given, less their own discounts."),
        Definition("Net revenue", "What is left as of the day of the snapshot; each part between is taken off."),
    ]
    draw_table(
        "From raw totals to net revenue",
        Result(["part", "net_amount"], rows),
        view.formats,
        definition=meaning,
        labels={"part": "Part", "net_amount": "Amount"},
    )


def _draw_bad_rows(view: View, about: Manifest) -> None:
    if not about.bad_rows:
        draw_empty_state("No bad rows", "Every row was parsed, and every value fits its column.")
        return
    columns = ["source", "entity", "reason", "row_count"]
    rows = [
        (to_plain_words(one.source), to_plain_words(one.entity), to_plain_words(one.reason), one.row_count)
        for one in about.bad_rows
    ]
    names = {"source": "Source", "entity": "Entity", "reason": "Reason", "row_count": "Rows"}
    meaning = [
        Definition(
            "Bad rows", "Rows that could not be parsed or have a value of the wrong type; all are kept in quarantine."
        )
    ]
    note = "`patron quarantine` shows samples of each kind; `patron replay` processes them again."
    draw_table("Bad rows by reason", Result(columns, rows), view.formats, definition=meaning, labels=names, note=note)


def _draw_empty_tables(view: View, about: Manifest) -> None:
    if not about.empty:
        return
    rows = [(to_plain_words(name), to_plain_words(why)) for name, why in sorted(about.empty.items())]
    names = {"table": "Table", "why": "Why it is empty"}
    meaning = [Definition("Empty tables", "Tables for which the shop has no data, or not enough.")]
    draw_table(
        "Empty tables",
        Result(["table", "why"], rows),
        view.formats,
        definition=meaning,
        labels=names,
    )


def _write_clause(reason: str) -> str:
    """Return a reason as the end of a sentence."""
    text = to_plain_words(reason)
    return text[:1].lower() + text[1:]


def _parse_moment(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


PAGE = Page(
    path="data_health",
    title="Data health",
    question="Is the data fresh and complete, and can the predictions be trusted?",
    icon=":material/health_and_safety:",
    render=render,
)
