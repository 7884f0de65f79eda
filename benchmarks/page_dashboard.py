"""The section of docs/benchmarks.md on the dashboard's pages."""

from __future__ import annotations

from typing import Any

_SAID = """Seconds until a page of the dashboard is fully rendered, including charts, in Chromium (headless, rendered
by the CPU) on the machine that also serves it: {machine}; {customers:,} customers. `first` is a page chosen in the
menu of an open dashboard that nobody has opened before; the first page with a chart also loads Plotly's 5 MB.
`again` is the same page a second time. `opened` is the page by its address in a new browser, which also loads
Streamlit's 7 MB of scripts (a page without figures then takes {shell:.1f} s). The target is 2 s."""
_HEAD = ["| page | first | again | opened |", "|---|---:|---:|---:|"]


def dashboard_section(found: dict[str, Any]) -> str:
    """Return the section with the table of benchmarks.dashboard."""
    pages = found["pages"]
    shell = min(page["opened"] for page in pages)
    said = _SAID.format(machine=found["machine"], customers=pages[0]["customers"], shell=shell)
    rows = [
        f"| {page['page'].replace('_', ' ')} | {page['first']:.2f} | {page['again']:.2f} | {page['opened']:.2f} |"
        for page in pages
    ]
    return "\n\n".join(["## Pages of the dashboard", said, "\n".join([*_HEAD, *rows])]) + "\n"
