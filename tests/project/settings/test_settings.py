"""patron.yaml: what is wrong is refused by name, line, allowed values and nearest spelling, and no data is touched."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from faults.projects import patron, settings, source, write
from patron.errors import SettingsError
from patron.project.project import Project

BASE = """\
shop:
  name: Test shop
  currency: USD
  timezone: UTC
data: data
sources:
  receipts:
    files: "**/*.csv"
    entities:
      order_lines:
        columns:
          order_id: order_id
          ordered_at: ordered_at
          customer_id: customer_id
          quantity: quantity
          unit_price: unit_price
"""


def load(folder: Path, text: str) -> Project:
    (folder / "patron.yaml").write_text(text, encoding="utf-8")
    return Project.load(folder)


def refused(folder: Path, text: str) -> SettingsError:
    with pytest.raises(SettingsError) as raised:
        load(folder, text)
    assert not (folder / ".patron").exists()
    return raised.value


def test_the_base_is_sound(tmp_path):
    project = load(tmp_path, BASE)
    assert project.settings.shop.name == "Test shop"
    assert list(project.mapped_entities()) == ["order_lines"]


MISSPELT = [
    ("top", BASE + "chrun: {window_days: 90}\n", "chrun", 17, "churn"),
    ("shop", BASE.replace("currency", "curency"), "shop.curency", 3, "currency"),
    ("source", BASE.replace("files:", "file:"), "sources.receipts.file", 8, "files"),
    ("mapping", BASE.replace("columns:", "colums:"), "sources.receipts.entities.order_lines.colums", 11, "columns"),
    ("entity", BASE.replace("order_lines:", "order_line:"), "sources.receipts.entities.order_line", 10, "order_lines"),
    (
        "canonical column",
        BASE.replace("unit_price: unit", "unit_pric: unit"),
        "sources.receipts.entities.order_lines.columns.unit_pric",
        16,
        "unit_price",
    ),
    (
        "column in full",
        BASE.replace("unit_price: unit_price", "unit_price: {expression: unit_price, formatt: '1,234.50'}"),
        "sources.receipts.entities.order_lines.columns.unit_price.formatt",
        16,
        "format",
    ),
    (
        "csv",
        BASE.replace('"**/*.csv"\n', '"**/*.csv"\n    csv: {delimeter: ";"}\n'),
        "sources.receipts.csv.delimeter",
        9,
        "delimiter",
    ),
    (
        "freshness",
        BASE.replace('"**/*.csv"\n', '"**/*.csv"\n    freshness: {arrival: {warn_after: 3}}\n'),
        "sources.receipts.freshness.arrival.warn_after",
        9,
        "warn_after_days",
    ),
    ("rules", BASE + "rules: {line_kind: default}\n", "rules.line_kind", 17, "line_kinds"),
    ("rfm", BASE + "rfm: {metod: ntile}\n", "rfm.metod", 17, "method"),
    ("clv", BASE + "clv: {gross_margn: 0.4}\n", "clv.gross_margn", 17, "gross_margin"),
    ("tiers", BASE + "clv:\n  tiers:\n    labls: [a, b]\n", "clv.tiers.labls", 19, "labels"),
    ("warehouse", BASE + "warehouse: {engin: spark}\n", "warehouse.engin", 17, "engine"),
    ("a value", BASE + "rfm: {method: ntiles}\n", "rfm.method", 17, "ntile"),
    ("an engine", BASE + "warehouse: {engine: duck}\n", "warehouse.engine", 17, "duckdb"),
    (
        "an id column",
        BASE.replace("        columns:", "        namespace: {custmer_id: shop}\n        columns:"),
        "sources.receipts.entities.order_lines.namespace.custmer_id",
        11,
        "customer_id",
    ),
    ("a timezone", BASE.replace("UTC", "Europe/Londn"), "shop.timezone", 4, "Europe/London"),
]


@pytest.mark.parametrize(("text", "place", "line", "nearest"), [m[1:] for m in MISSPELT], ids=[m[0] for m in MISSPELT])
def test_a_misspelt_word_is_named_with_place_line_and_nearest_spelling(tmp_path, text, place, line, nearest):
    error = refused(tmp_path, text)
    assert error.where == f"{tmp_path / 'patron.yaml'}, line {line}, {place}"
    assert place.rsplit(".", 1)[-1] in str(error)
    assert f"did you mean {nearest!r}?" in str(error)


def test_allowed_keys_are_listed(tmp_path):
    assert "allowed here: name, currency, locale, timezone" in str(refused(tmp_path, BASE.replace("currency", "money")))


MISSING = [
    ("shop", BASE[BASE.index("data:") :], "shop"),
    ("shop.name", BASE.replace("  name: Test shop\n", ""), "shop.name"),
    ("sources", BASE[: BASE.index("sources:")], "sources"),
    ("columns", BASE[: BASE.index("        columns:")] + "        where: 'true'\n", "order_lines.columns"),
    ("expression", BASE.replace("unit_price: unit_price", "unit_price: {}"), "columns.unit_price.expression"),
    ("all", "", "shop"),
    ("all, said so", "~\n", "shop"),
    ("all but a comment", "# soon\n", "shop"),
]


@pytest.mark.parametrize(("text", "place"), [m[1:] for m in MISSING], ids=[m[0] for m in MISSING])
def test_what_is_missing_is_named(tmp_path, text, place):
    error = refused(tmp_path, text)
    assert error.what == f"The setting {place.rsplit('.', 1)[-1]!r} is missing."
    assert error.where.endswith(place)


def test_a_missing_required_column_is_described_by_its_meaning(tmp_path):
    error = refused(tmp_path, BASE.replace("          unit_price: unit_price\n", ""))
    assert "order_lines needs unit_price (price of one piece" in error.what
    assert ", line 11, " in error.where


def test_a_shop_may_have_no_orders(tmp_path):
    lines = BASE[BASE.index("        columns:") :]
    text = BASE[: BASE.index("      order_lines:")] + "      customers:\n" + lines[: lines.index("          ordered")]
    (tmp_path / "patron.yaml").write_text(text.replace("order_id", "customer_id"))
    assert list(Project.load(tmp_path).mapped_entities()) == ["customers"]


WRONG_TYPES = [
    ("text for a number", "churn: {window_days: ninety}", "churn.window_days", "A whole number is expected"),
    ("a fraction for a whole", "churn: {window_days: 90.5}", "churn.window_days", "A whole number is expected"),
    ("yes for a number", "churn: {window_days: true}", "churn.window_days", "neither a number nor text"),
    ("below zero", "churn: {window_days: -5}", "churn.window_days", "must be greater than 0"),
    ("a share above one", "clv: {gross_margin: 60}", "clv.gross_margin", "less than or equal to 1"),
    ("not a number", "clv: {gross_margin: .nan}", "clv.gross_margin", "A finite number"),
    ("no end", "clv: {tiers: {by: amount, cuts: [5, .inf]}}", "clv.tiers.cuts[1]", "A finite number"),
    ("a list for settings", "churn: [90]", "churn", "A section of settings is expected"),
    ("a text for settings", "churn: soon", "churn", "A section of settings is expected"),
    ("settings for a text", "data: {folder: x}", "data", "Text is expected"),
    ("a number for a list", "clv: {tiers: {labels: 3}}", "clv.tiers.labels", "A list is expected"),
    ("a blank label", "clv: {tiers: {labels: ['', a, b]}}", "clv.tiers.labels[0]", "The text is blank"),
    ("no day", "as_of: 2011-13-01", "as_of", "'2011-13-01' is not a valid date"),
    ("no such day", "as_of: 2011-02-30", "as_of", "'2011-02-30' is not a valid date"),
    ("a number for a day", "as_of: 20111201", "as_of", "'20111201' is not a valid date"),
    ("a moment for a day", "as_of: 2011-12-01 10:00:00", "as_of", "is not a valid date"),
    ("a word for a day", "as_of: lates", "as_of", "'lates' is not a valid date; write latest, today, or a date"),
    ("a day too far", "as_of: 9999-12-31", "as_of", "is not from 1900-01-01 to 2170-01-01"),
    ("memory", "warehouse: {memory_limit: lots}", "warehouse.memory_limit", "does not have the required form"),
    ("threads", "warehouse: {threads: 0}", "warehouse.threads", "must be greater than 0"),
]


@pytest.mark.parametrize(("text", "place", "what"), [w[1:] for w in WRONG_TYPES], ids=[w[0] for w in WRONG_TYPES])
def test_a_wrong_value_is_named_with_what_is_expected(tmp_path, text, place, what):
    base = BASE.replace("data: data\n", "") if text.startswith("data") else BASE
    error = refused(tmp_path, f"{base}{text}\n")
    assert what in error.what
    assert error.where.endswith(f"line {base.count(chr(10)) + 1}, {place}")


def test_values_of_sources_are_looked_at_too(tmp_path):
    files = BASE.replace('"**/*.csv"\n', "{}\n")
    assert "A list is expected" in refused(tmp_path, files.format("")).what
    assert "At least one is needed" in refused(tmp_path, files.format("[]")).what
    assert "The text is blank" in refused(tmp_path, files.format('""')).what
    cannot = refused(tmp_path, files.format('"*.csv"\n    csv: {delimiter: ";;"}'))
    assert "';;' cannot be a delimiter" in cannot.what
    assert "line 9, sources.receipts.csv.delimiter" in cannot.where
    assert "no encoding 'utf-99'" in refused(tmp_path, files.format('"*.csv"\n    csv: {encoding: utf-99}')).what
    assert "allowed here: auto, csv" in refused(tmp_path, files.format('"*.csv"\n    format: cvs')).do


@pytest.mark.parametrize("name", ["Receipts", "my receipts", "2020", "'a;b'"])
def test_a_source_has_a_plain_name(tmp_path, name):
    error = refused(tmp_path, BASE.replace("receipts:", f"{name}:"))
    assert "cannot be a name" in error.what
    assert "lowercase letters, digits and _" in error.do


CONTRADICTIONS = [
    ("churn", "churn: {window_days: 20, low_days: 30}", "low_days 30, medium_days 13, window_days 20"),
    ("a window too short", "churn: {window_days: 2}", "low_days 30, medium_days 60, window_days 2"),
    ("as many labels as cuts", "clv: {tiers: {labels: [a, b]}}", "2 cuts need 3 labels; there are 2"),
    ("falling cuts", "clv: {tiers: {cuts: [0.6, 0.3]}}", "Cuts must increase"),
    ("the same label twice", "clv: {tiers: {labels: [a, a, b]}}", "Labels must differ"),
    ("percentiles above one", "clv: {tiers: {cuts: [33, 66]}}", "between 0 and 1"),
    ("thresholds unused", "rfm: {method: ntile, recency_days: [1, 2, 3, 4]}", "recency_days is given, but method"),
    ("thresholds missing", "rfm: {method: threshold}", "needs recency_days as four increasing limits"),
    (
        "thresholds falling",
        "rfm: {method: threshold, recency_days: [4, 3, 2, 1], frequency_orders: [1, 2, 3, 4], "
        "monetary_amounts: [1, 2, 3, 4]}",
        "recency_days as four increasing limits; it has [4, 3, 2, 1]",
    ),
]


@pytest.mark.parametrize(("text", "what"), [c[1:] for c in CONTRADICTIONS], ids=[c[0] for c in CONTRADICTIONS])
def test_contradictory_settings_are_refused_naming_both(tmp_path, text, what):
    error = refused(tmp_path, f"{BASE}{text}\n")
    assert what in error.what
    assert "line 17" in error.where


def test_a_warning_does_not_come_after_the_failure(tmp_path):
    late = '"*.csv"\n    freshness: {event: {warn_after_days: 3, fail_after_days: 2}}\n'
    error = refused(tmp_path, BASE.replace('"**/*.csv"\n', late))
    assert error.what == "warn_after_days (3) is later than fail_after_days (2)."
    assert error.where.endswith("line 9, sources.receipts.freshness.event")


KEYS = [
    ("[order_id, line_number]", "The key names 'line_number', which the mapping does not have."),
    ("[order_idd]", "The key names 'order_idd', which the mapping does not have."),
]


@pytest.mark.parametrize(("key", "what"), KEYS)
def test_a_key_is_made_of_mapped_columns(tmp_path, key, what):
    error = refused(tmp_path, BASE.replace("        columns:", f"        key: {key}\n        columns:"))
    assert (error.what, "line 11" in error.where) == (what, True)


FORMATS = [
    ("customer_id", "'%Y'", "customer_id is text; a format is for times and numbers."),
    ("ordered_at", "dd/mm/yyyy", "The format 'dd/mm/yyyy' has no % code."),
    ("ordered_at", "'%d/%Q'", "The format '%d/%Q' has the unknown code %Q."),
    ("ordered_at", "''", "The format '' has no % code."),
    ("unit_price", "1.234.50", "'1.234.50' is not a sample of a number."),
    ("unit_price", "1234.50", "'1234.5' is not a sample of a number."),  # a number in YAML; the samples are listed
]


@pytest.mark.parametrize(("column", "fmt", "what"), FORMATS)
def test_a_format_belongs_to_its_type(tmp_path, column, fmt, what):
    text = BASE.replace(f"{column}: {column}", f"{column}: {{expression: {column}, format: {fmt}}}")
    error = refused(tmp_path, text)
    assert error.what == what
    assert error.where.endswith(f"columns.{column}.format")


BROKEN = [
    ("unclosed", BASE + "churn: [1,2\n", "line 18"),
    ("a tab", BASE + "churn:\n\twindow_days: 5\n", "line 18"),
    ("a colon in a text", BASE.replace("Test shop", "Tom: the shop"), "line 2"),
    ("an unknown alias", BASE.replace("Test shop", "*name"), "line 2"),
    ("an object", BASE.replace("Test shop", "!!python/object:os.system x"), "line 2"),
    ("two documents", BASE + "---\nshop: {}\n", "line 17"),
    ("a list as a key", BASE + "? [a, b]\n: x\n", "line 17"),
    ("a control character", BASE.replace("Test shop", '"a\\0b"').replace("\\0", "\0"), "patron.yaml"),
]


@pytest.mark.parametrize(("text", "where"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_broken_yaml_is_refused_with_its_line(tmp_path, text, where):
    error = refused(tmp_path, text)
    assert "is not valid YAML" in error.what
    assert where in error.where


@pytest.mark.parametrize(
    ("text", "lines"), [("data: other\n", (5, 17)), ("churn: {low_days: 1, low_days: 2}\n", (17, 17))]
)
def test_a_key_given_twice_is_refused_with_both_lines(tmp_path, text, lines):
    assert f"is given twice, on lines {lines[0]} and {lines[1]}" in refused(tmp_path, BASE + text).what


@pytest.mark.parametrize("text", ["- a\n- b\n", "hello\n", "5: x\n", "~: x\n"])
def test_what_is_no_settings_at_all_is_refused(tmp_path, text):
    refused(tmp_path, text)


def test_a_file_that_points_at_itself_is_refused(tmp_path):
    assert "contains itself" in refused(tmp_path, BASE + "churn: &a {low_days: *a}\n").what


@pytest.mark.parametrize("text", ["[" * 200_000, "[" * 200 + "]" * 200, "{a: " * 3000 + "1" + "}" * 3000, "- " * 5000])
def test_a_file_that_nests_too_deep_is_refused_before_it_uses_up_the_stack(tmp_path, text):
    error = refused(tmp_path, BASE + f"\nchurn: {text}" if text[0] != "-" else text)
    assert "nests more than 100 levels deep" in error.what
    assert "line" in error.where


@pytest.mark.parametrize("value", ["!!timestamp x", "!!int x", "!!float z", "!!binary é"])
def test_a_value_that_does_not_fit_its_tag_is_refused(tmp_path, value):
    assert "is not valid YAML" in refused(tmp_path, BASE + f"churn: {{low_days: {value}}}\n").what


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "patron.yaml").write_bytes(b"shop: {name: caf\xe9}\n")
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        Project.load(tmp_path)
    (tmp_path / "patron.yaml").unlink()
    (tmp_path / "patron.yaml").mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        Project.load(tmp_path)
    with pytest.raises(SettingsError, match="patron init"):
        Project.load(tmp_path / "nowhere")


def test_a_byte_order_mark_does_no_harm(tmp_path):
    assert load(tmp_path, "\ufeff" + BASE).settings.shop.currency == "USD"


def test_columns_may_be_called_no_on_or_yes(tmp_path):
    text = BASE.replace("order_id: order_id", "order_id: No").replace("quantity: quantity", "quantity: On")
    columns = load(tmp_path, text).settings.sources["receipts"].entities["order_lines"].columns
    assert (columns["order_id"].expression, columns["quantity"].expression) == ("No", "On")


def test_numbers_and_truth_values_are_constants_of_that_spelling(tmp_path):
    text = BASE.replace("quantity: quantity", "quantity: 1").replace(
        "        columns:", "        where: true\n        columns:"
    )
    mapping = load(tmp_path, text).settings.sources["receipts"].entities["order_lines"]
    assert (mapping.columns["quantity"].expression, mapping.where) == ("1", "true")


def test_words_for_nothing_may_be_numbers_or_one_word(tmp_path):
    for written, words in (("[0, NaN, -1]", ("0", "NaN", "-1")), ("NaN", ("NaN",))):
        text = BASE.replace('"**/*.csv"\n', f'"**/*.csv"\n    null_values: {written}\n')
        assert load(tmp_path, text).settings.sources["receipts"].null_values == words


@pytest.mark.parametrize("requested", ["latest", "today", "2011-12-10"])
def test_as_of_may_be_given_for_one_run(tmp_path, requested):
    changed = load(tmp_path, BASE).with_as_of(requested)
    assert changed.settings.as_of == (dt.date(2011, 12, 10) if requested[0] == "2" else requested)


@pytest.mark.parametrize("requested", ["2011-02-30", "yesterday", "20111210", "0", "", "9999-12-31", "1066-10-14"])
def test_no_other_as_of_is_taken(tmp_path, requested):
    project = load(tmp_path, BASE)
    with pytest.raises(SettingsError) as raised:
        project.with_as_of(requested)
    assert (raised.value.where, raised.value.exit_code) == ("--as-of", 2)


REFUSED_BY_RUN = [
    ("a misspelt key", settings(chrun={}), "did you mean 'churn'?"),
    ("an unknown rule set", settings(rules={"line_kinds": "online_retial"}), "did you mean 'online_retail'?"),
    ("an unknown segment set", settings(rules={"segments": "nin"}), "did you mean 'nine'?"),
    ("a rule file that is not there", settings(rules={"segments": "./mine.csv"}), "There is no file './mine.csv'"),
    ("a subquery", settings(sources={"a": source(columns={"quantity": "(select 1)"})}), "holds a subquery"),
    ("an unknown function", settings(sources={"a": source(columns={"quantity": "nosuch(a)"})}), "nosuch"),
    ("an aggregate of DuckDB's", settings(sources={"a": source(columns={"quantity": "histogram(a)"})}), "aggregates"),
    ("no such day", settings(sources={"a": source(where="ordered_at > date '2011-02-30'")}), "2011-02-30"),
    ("no regular expression", settings(sources={"a": source(where="regexp_matches(quantity, '[')")}), "missing ]"),
]


@pytest.mark.parametrize(("yaml", "what"), [r[1:] for r in REFUSED_BY_RUN], ids=[r[0] for r in REFUSED_BY_RUN])
def test_a_run_refuses_settings_before_reading_data(tmp_path, yaml, what):
    outcome = patron("run", "--quiet", folder=write(tmp_path, yaml=yaml))
    assert outcome.code == 2
    assert what in outcome.err
    assert "next: " in outcome.err
    assert not (tmp_path / ".patron").exists()


def test_an_expression_that_is_refused_names_its_key_and_line(tmp_path):
    text = BASE.replace("quantity: quantity", "quantity: nosuch(quantity)")
    (tmp_path / "patron.yaml").write_text(text, encoding="utf-8")
    outcome = patron("run", "--json", folder=tmp_path)
    assert outcome.json["where"].endswith(
        "patron.yaml, line 15, sources.receipts.entities.order_lines.columns.quantity"
    )


# Tables of a server

TABLE = BASE.replace('    files: "**/*.csv"\n', "    postgres: {}\n")


def test_a_source_is_files_or_a_table(tmp_path):
    neither = refused(tmp_path, BASE.replace('    files: "**/*.csv"\n', ""))
    assert neither.what == "The source has neither `files` nor `postgres` nor `kafka` nor `delta`."
    assert neither.where.endswith("sources.receipts")
    both = refused(tmp_path, TABLE.format('{table: a}\n    files: "*.csv"'))
    assert "`postgres` and `files` do not go together" in both.what
    assert "`postgres` and `csv`" in refused(tmp_path, TABLE.format("{table: a}\n    csv: {quote: none}")).what


SECRETS = [
    "postgresql://owner:hunter2@db/shop",
    "{table: t, password: hunter2}",
    "{table: t, connection: 'postgresql://owner:hunter2@db/shop'}",
    "{table: t, connection: host=db password=hunter2}",
    "{table: 'postgresql://owner:hunter2@db/shop'}",
    "{table: t, key: ['password=hunter2']}",
]


@pytest.mark.parametrize("written", SECRETS)
def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path, written):
    error = refused(tmp_path, TABLE.format(written))
    assert "hunter2" not in str(error)
    assert ", line " in error.where
    assert "PATRON_POSTGRES" in error.do or "schema.table" in error.do


def test_a_password_is_not_repeated_wherever_it_stands(tmp_path):
    error = refused(tmp_path, BASE.replace('"**/*.csv"', "{a: 'postgresql://owner:hunter2@db/shop'}"))
    assert "postgresql://owner:***@db/shop" in error.do


@pytest.mark.parametrize(("written", "place"), [("till", ("public", "till")), ("Shop.My till", ("Shop", "My till"))])
def test_a_table_has_a_schema(tmp_path, written, place):
    path = tmp_path / "patron.yaml"
    path.write_text(TABLE.format(f"{{table: {written}}}"))
    postgres = Project.load(tmp_path).settings.sources["receipts"].postgres
    assert (postgres.place, postgres.connection, postgres.key, postgres.cursor) == (place, "PATRON_POSTGRES", (), None)
    assert Project.load(tmp_path).with_as_of("today").settings.sources["receipts"].postgres == postgres
