"""Scores of texts: published ones, the same for ever, whatever the text; and a warehouse that remembers them."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from patron.engines.duckdb import DuckDBWarehouse
from patron.predict import sentiment

# https://github.com/cjhutto/vaderSentiment, README: Code Examples
PUBLISHED = {
    "VADER is smart, handsome, and funny.": 0.8316,
    "VADER is VERY SMART, handsome, and FUNNY!!!": 0.9342,
    "VADER is not smart, handsome, nor funny.": -0.7424,
    "The book was good.": 0.4404,
    "At least it isn't a horrible book.": 0.431,
    "The plot was good, but the characters are uncompelling and the dialog is not great.": -0.7042,
    "Today only kinda sux! But I'll get by, lol": 0.5249,
    "Make sure you :) or :D today!": 0.8633,
    "Not bad at all": 0.431,
}
ODD = [
    "",
    " ",
    "Отличная еда",
    "味は最高です",
    "لذيذ",
    "<script>alert('x')</script>",
    "\x00\ufffd",
    "!" * 1000,
    "a" * 1000,
]


@pytest.mark.parametrize(("text", "compound"), PUBLISHED.items())
def test_published_scores(text, compound):
    assert sentiment.score(text)["sentiment_score"] == compound


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_neutral(text):
    assert sentiment.score(text)["sentiment_score"] == 0.0


def test_only_the_beginning_of_a_long_text_counts():
    long = "good but bad, " * 100_000
    assert sentiment.score(long) == sentiment.score(long[: sentiment.MOST_CHARACTERS])
    assert sentiment.score("x " * sentiment.MOST_CHARACTERS + "wonderful")["sentiment_score"] == 0.0


def test_another_process_gives_the_same():
    requested = "from patron.predict.sentiment import score; import sys; print([score(t) for t in eval(sys.argv[1])])"
    texts = [*PUBLISHED, *(text for text in ODD if "\x00" not in text)]
    output = subprocess.run([sys.executable, "-c", requested, repr(texts)], capture_output=True, text=True, check=True)
    assert eval(output.stdout) == [sentiment.score(text) for text in texts]


def test_importing_patron_does_not_load_the_lexicon():
    requested = "import patron.pipeline.run, patron.pipeline.build, sys; print('vaderSentiment' in sys.modules)"
    output = subprocess.run([sys.executable, "-c", requested], capture_output=True, text=True, check=True)
    assert output.stdout == "False\n"


@pytest.fixture
def warehouse(tmp_path):
    settings = SimpleNamespace(memory_limit=None, threads=None)
    project = SimpleNamespace(warehouse=tmp_path / "w.duckdb", settings=SimpleNamespace(warehouse=settings))
    opened = DuckDBWarehouse(project)
    with opened._connect("making reviews") as connection:
        connection.execute("create schema silver")
        connection.execute("create table silver.reviews (text_key text, review_text text)")
        connection.execute("insert into silver.reviews values ('a', 'good'), ('b', 'bad'), ('a', 'good'), (null, null)")
    sentiment.prepare(opened)
    return opened


def scores(warehouse):
    rows = warehouse.query("select text_key, sentiment_score from predictions.review_sentiment order by 1").to_pylist()
    return [tuple(row.values()) for row in rows]


EXPECTED = [("a", 0.4404), ("b", -0.5423)]


def test_each_text_is_scored_once(warehouse):
    assert sentiment.score_new_texts(warehouse) == 2
    assert scores(warehouse) == EXPECTED
    assert sentiment.score_new_texts(warehouse) == 0
    assert scores(warehouse) == EXPECTED


def test_no_text_loads_nothing(tmp_path, warehouse, monkeypatch):
    monkeypatch.setattr(sentiment, "_analyzer", lambda: pytest.fail("there is nothing to score"))
    with warehouse._connect("emptying") as connection:
        connection.execute("delete from silver.reviews where 1 = 1")
    assert sentiment.score_new_texts(warehouse) == 0


def test_a_run_that_was_killed_between_two_parts_loses_nothing(warehouse, monkeypatch):
    monkeypatch.setattr(sentiment, "_AT_A_TIME", 1)
    monkeypatch.setattr(sentiment, "_NOT_SCORED", sentiment._NOT_SCORED.replace("100000", "1"))
    monkeypatch.setattr(warehouse, "append", killed_after(1, warehouse.append))
    with pytest.raises(KeyboardInterrupt):
        sentiment.score_new_texts(warehouse)
    assert len(scores(warehouse)) == 1
    monkeypatch.undo()
    assert sentiment.score_new_texts(warehouse) == 1
    assert scores(warehouse) == EXPECTED


def killed_after(times, append):
    left = [times]

    def once(*arguments):
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        append(*arguments)

    return once


def test_another_method_scores_everything_again(warehouse, monkeypatch):
    sentiment.score_new_texts(warehouse)
    monkeypatch.setattr(sentiment, "method", lambda: "another, 4000 characters")
    assert sentiment.score_new_texts(warehouse) == 2
    methods = warehouse.query("select distinct method from predictions.review_sentiment").to_pylist()
    assert methods == [{"method": "another, 4000 characters"}]
