"""The dashboard: Streamlit pages over the published snapshot, and nothing else.

How a page is written
---------------------
`pages/<name>.py` ends with `PAGE = Page(path="<name>", title=…, question=…, icon=":material/…:", render=render,
filters=FilterSpec(("period", …)), needs=("<gold table>", …))`; `registry.NAMES` names it. `render(view)` draws it:

    rows = view.data.rows("select … from gold.daily_metrics where activity_date between ? and ?", view.filters.days())
    drawn = go.Figure(go.Bar(x=rows.column("activity_date"), y=rows.numbers("net_amount"), text=[…], hoverinfo="text"))
    money_axis(drawn, rows.column("net_amount"), view.formats)
    figure("Revenue by day", drawn, data=rows, definition=["daily_metrics.net_amount"], says="Revenue went …")

* `view.data` is the only reader: always `gold.<table>`, values from outside always as parameters `?`. Answers are kept
  per snapshot, query and parameters. Nothing a customer is loaded whole: DuckDB sums, pages draw at most some hundreds
  of rows. Personal columns come masked where the reader has no `pii` role. `view.data.count(table)` is its rows.
* `view.filters`: period (`Period | None`), segment, region, channel (`str | None`); `.days()` and `.customers()` give
  conditions. A page lists in `filters` only those it applies; the bar and the URL see to the rest.
* `charts.figure`, `tables.table`, `tiles.tiles` draw with definition (`table.column` of gold, described in its yml; an
  unknown one raises), query and CSV. `axes.py` writes ticks; `theme.current()` has the colours (`.series`, `.scale`,
  `.apart`, `.good`, `.bad`). `view.formats` writes numbers, money and days; `labels.label(column)` says what a column
  is called (add to `labels.NAMES` where its own words would not do); `labels.written(column, value, formats)`.
* Text from data: inside `figure` and `table` it is escaped for you (so do not escape it before, and put markup only in
  `hovertemplate`/`texttemplate`); elsewhere use `escape.markdown` (labels of tabs, radio buttons, metrics, st.markdown)
  or `escape.html` (st.html). No `unsafe_allow_html`.
* Empty: `needs` says when the whole page is; a part of one says `empty.empty(heading, why)`,
  with `empty.why(view, table)` for the reason.
* A wide screen is 1280 px, a narrow one 390: `st.columns` stack by themselves; look at both, light and dark.

Its tests: `tests/serve/dashboard/test_<name>.py`, by the fixtures of `tests/serve/dashboard/conftest.py`.
"""
