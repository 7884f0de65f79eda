"""The section of docs/benchmarks.md on the dashboard's pages."""

from __future__ import annotations

from typing import Any

_SAID = """Seconds until a page of the dashboard is wholly painted, charts and all, in Chromium (headless, drawn by the
processor) on the machine that also serves it: {machine}; {customers:,} customers. `first` is from the menu of an open
dashboard, where nobody had asked for the page before; the first page with a chart also loads Plotly's 5 MB. `again` is
the same once more. `opened` is by its address in a browser that has never been here: it loads Streamlit itself, 7 MB of
scripts, too (a page without a figure takes {shell:.1f} s so). The aim is 2 s."""
_HEAD = ["| page | first | again | opened |", "|---|---:|---:|---:|"]


def dashboard_section(found: dict[str, Any]) -> str:
    """The table of benchmarks.dashboard."""
    pages = found["pages"]
    shell = min(page["opened"] for page in pages)
    said = _SAID.format(machine=found["machine"], customers=pages[0]["customers"], shell=shell)
    rows = [
        f"| {page['page'].replace('_', ' ')} | {page['first']:.2f} | {page['again']:.2f} | {page['opened']:.2f} |"
        for page in pages
    ]
    return "\n\n".join(["## Pages of the dashboard", said, "\n".join([*_HEAD, *rows])]) + "\n"
