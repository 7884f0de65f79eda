"""Text from data is never markup, wherever it goes."""

from __future__ import annotations

import html as standard_html
import re

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patron.serve.dashboard.widgets import escape

NASTY = (
    "<script>alert(1)</script>",
    "**bold**",
    "$x$",
    ":red[x]",
    "[a](http://b)",
    "# head",
    "`code`",
    ":smile:",
    "a\n- b",
)


@pytest.mark.parametrize("text", NASTY)
def test_markdown_signs_are_backslashed(text):
    escaped = escape.markdown(text)
    assert re.sub(r"\\(.)", r"\1", escaped) == " ".join(text.split())
    assert re.search(r"(?<!\\)[*_`\[\]<>$:#]", re.sub(r"\\.", "", escaped)) is None


@given(st.text())
def test_html_comes_back_as_it_was(text):
    escaped = escape.html(text)
    assert "<" not in escaped
    assert '"' not in escaped
    assert standard_html.unescape(escaped) == standard_html.unescape(standard_html.escape(text))


def test_every_text_of_a_figure_is_escaped_and_templates_are_not():
    name = "<b>Bo</b> & Co"
    drawn = go.Figure(
        go.Bar(x=[name], y=[1.5], text=[name], customdata=[[name]], name=name, hovertemplate="<b>%{x}</b>")
    )
    drawn.add_trace(
        go.Sankey(node={"label": [name]}, link={"source": [0], "target": [0], "value": [1], "label": [name]})
    )
    drawn.add_annotation(text=name)
    drawn.update_xaxes(ticktext=[name], tickvals=[0], categoryarray=[name])
    safe = escape.figure(drawn.to_dict())
    output = "&lt;b&gt;Bo&lt;/b&gt; &amp; Co"
    bar, flow = safe["data"]
    assert (bar["x"], bar["text"], bar["customdata"], bar["name"]) == ([output], [output], [[output]], output)
    assert bar["hovertemplate"] == "<b>%{x}</b>"
    assert (flow["node"]["label"], flow["link"]["label"]) == ([output], [output])
    assert safe["layout"]["annotations"][0]["text"] == output
    assert safe["layout"]["xaxis"]["ticktext"] == [output]
    assert safe["layout"]["xaxis"]["categoryarray"] == [output]


def test_numbers_of_a_figure_stay_numbers():
    drawn = go.Figure(go.Scatter(x=[1, 2], y=[0.5, None]))
    assert list(escape.figure(drawn.to_dict())["data"][0]["y"]) == [0.5, None]
