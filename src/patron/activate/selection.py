"""Selects the customers of an audience: by the label of a segment, churn group, tier or cluster, or by SQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from patron.errors import SettingsError, find_nearest
from patron.ingest.quoting import quote_literal

_KINDS = {
    "segment": ("segment", "dim_rfm_segment", "segment", "segment_order"),
    "churn": ("churn_group", "dim_churn_group", "churn group", "risk_order"),
    "tier": ("clv_tier", "dim_clv_tier", "tier", "tier_order"),
    "cluster": ("cluster_name", "cluster_profiles", "cluster", "cluster_number"),
}
"""Kind -> the column with its label, the table that lists the labels, its name in messages, and the labels' order."""


@dataclass(frozen=True)
class Selection:
    """The customers of an audience.

    name: of the audience. key: its name with its kind, unique among all labels. condition: SQL over customers.
    """

    name: str
    key: str
    kind: str
    condition: str


def select_by_label(connection: Any, text: str) -> Selection:
    """Select the customers with a label, in any case; `kind:label` if two kinds share it.

    Raises SettingsError with the nearest spelling, or if several kinds have the label.
    """
    labels = {kind: _query_labels(connection, kind) for kind in _KINDS}
    before, colon, after = text.partition(":")
    if colon and before.strip().lower() in _KINDS:
        labels = {before.strip().lower(): labels[before.strip().lower()]}
        text = after.strip()
    found = [(kind, one) for kind, known in labels.items() for one in known if one.lower() == text.strip().lower()]
    if not found:
        raise _explain_unknown(text, labels)
    if len(found) > 1:
        forms = " or ".join(repr(f"{kind}:{label}") for kind, label in found)
        kinds = " and a ".join(_KINDS[kind][2] for kind, _ in found)
        raise SettingsError(f"{text!r} is a {kinds}.", where="patron audience create", do=f"write {forms}")
    kind, label = found[0]
    key = f"{kind}:{label}"
    shared = sum(label.lower() == one.lower() for other in _KINDS for one in _query_labels(connection, other)) > 1
    return Selection(key if shared else label, key, _KINDS[kind][2], f"{_KINDS[kind][0]} = {quote_literal(label)}")


def select_by_sql(connection: Any, name: str, sql: str) -> Selection:
    """Select the customers whose customer_id a select over gold returns.

    Raises SettingsError for anything but one select with that column.
    """
    import duckdb

    from patron.publish.reading_statements import refuse_other_than_reading

    refuse_other_than_reading(connection, sql)
    text = connection.extract_statements(sql)[0].query.strip().rstrip(";")
    ids = f"select cast(customer_id as varchar) from (\n{text}\n) as given"
    try:
        connection.execute(f"explain {ids}")
    except duckdb.Error as error:
        do = "write one select over gold that returns customer_id; `patron tables` lists the tables"
        raise SettingsError(str(error).strip(), where="--sql", do=do) from error
    return Selection(name, f"sql:{name}", "select", f"customer_id in ({ids})")


def _query_labels(connection: Any, kind: str) -> list[str]:
    column, table, _, order = _KINDS[kind]
    return [row[0] for row in connection.execute(f"select {column} from {table} order by {order}").fetchall()]


def _explain_unknown(text: str, labels: dict[str, list[str]]) -> SettingsError:
    known = [label for names in labels.values() for label in names]
    starts = [label for label in known if text and label.lower().startswith(text.lower())]
    hint = starts or find_nearest(text, known)
    listed = "; ".join(f"{_KINDS[kind][2]}s: {', '.join(names)}" for kind, names in labels.items() if names)
    do = f"did you mean {hint[0]!r}? There are {listed}" if hint else f"there are {listed}"
    return SettingsError(f"There is no audience {text!r}.", where="patron audience create", do=do)
