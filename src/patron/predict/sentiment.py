"""Scores the sentiment of reviews: each distinct text once, by VADER's lexicon and rules.

VADER (Hutto and Gilbert, ICWSM 2014) adds up the weights that people gave to some 7,500 words and signs, and turns them
by rules: negation, degree, capitals, exclamation marks, "but". It knows English; words of other languages are neutral.
The same text always has the same score.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from patron.engines.engine import Warehouse

MOST_CHARACTERS = 5_000
"""Only the beginning of a longer text is scored: VADER's time grows with the square of its length."""

TABLE = ("predictions", "review_sentiment")
"""Columns: text_key (of silver.reviews), sentiment_score (compound, -1 to 1), positive_share, neutral_share,
negative_share (0 to 1), method.
"""

_AT_A_TIME = 100_000


@cache
def method() -> str:
    """Return the name of the scoring method; scores of another method are recomputed."""
    from importlib.metadata import version

    return f"vaderSentiment {version('vaderSentiment')}, first {MOST_CHARACTERS} characters"


def prepare(warehouse: Warehouse) -> None:
    """Create the table if it does not exist, so that gold can read it."""
    if not warehouse.exists(*TABLE):
        warehouse.write(*TABLE, _as_table([]))


def score_new_texts(warehouse: Warehouse) -> int:
    """Score the texts of silver.reviews that have no score yet, and return their number.

    Scores are written in batches, so that a run that is killed loses only the current one.
    Raises EngineError.
    """
    if warehouse.query(_OTHER_METHODS.format(method=method())).num_rows:
        warehouse.write(*TABLE, _as_table([]))
    scored = 0
    while True:
        texts = warehouse.query(_NOT_SCORED).to_pylist()
        if texts:
            warehouse.append(*TABLE, _as_table([{"text_key": t["text_key"], **score(t["review_text"])} for t in texts]))
        scored += len(texts)
        if len(texts) < _AT_A_TIME:
            return scored


def score(text: str) -> dict[str, float]:
    """Score a text: sentiment_score (-1 to 1), and the shares of its words that are positive, neutral and negative."""
    found = _analyzer().polarity_scores(text[:MOST_CHARACTERS])
    names = {"sentiment_score": "compound", "positive_share": "pos", "neutral_share": "neu", "negative_share": "neg"}
    return {name: float(found[theirs]) for name, theirs in names.items()}


@cache
def _analyzer() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def _as_table(scores: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    numbers = ("sentiment_score", "positive_share", "neutral_share", "negative_share")
    fields = [("text_key", pa.string()), *((name, pa.float64()) for name in numbers), ("method", pa.string())]
    return pa.Table.from_pylist([{**row, "method": method()} for row in scores], pa.schema(fields))


_OTHER_METHODS = "select 1 as found from predictions.review_sentiment where method <> '{method}' limit 1"
_NOT_SCORED = f"""
select reviews.text_key, min(reviews.review_text) as review_text
from silver.reviews as reviews
left join predictions.review_sentiment as scores on reviews.text_key = scores.text_key
where reviews.text_key is not null and scores.text_key is null
group by reviews.text_key
limit {_AT_A_TIME}
"""
