"""The dashboard: Streamlit pages over the published snapshot, and nothing else.

How to write a page
-------------------
`pages/<name>.py` ends with `PAGE = Page(path="<name>", title=…, question=…, icon=":material/…:", render=render,
filters=FilterSpec(("period", …)), needs=("<gold table>", …))`; `registry.NAMES` lists it. `render(view)` draws it:

    sql = select({"net_amount": "net_revenue"}, table="daily_metrics", by=["activity_date"],
                 where="activity_date between ? and ?", order_by="activity_date")
    rows = view.data.rows(sql, view.filters.days())
    figure = go.Figure(go.Bar(x=rows.column("activity_date"), y=rows.numbers("net_amount"), text=[…], hoverinfo="text"))
    set_money_axis(figure, rows.column("net_amount"), view.formats)
    draw_figure("Revenue by day", figure, data=rows, definition=["metrics.net_revenue"], summary="Up …")

* Figures come from the metrics layer (`patron.contract.metrics`): no page contains an aggregate.
* `view.data` runs all queries: always over `gold.<table>`, with values from outside as parameters `?`. Results are
  cached per snapshot, query and parameters. Pages never load one row per customer: DuckDB aggregates, and pages draw a
  few hundred rows at most. Personal columns are masked where the user lacks the `pii` role. `view.data.count(table)` is
  a table's number of rows.
* `view.filters`: period (`Period | None`), segment, region, channel (`str | None`); `.days()` and `.customers()` are
  conditions. A page lists in `filters` only those it applies; the filter bar and the URL do the rest.
* `charts.draw_figure`, `tables.draw_table`, `tiles.draw_tiles` draw with definition (`metrics.name` or `table.column`
  of gold; an unknown one raises), query and CSV. `axes.py` sets ticks; `theme.get_theme()` has the colours (`.series`,
  `.sequential`, `.diverging`, `.good`, `.bad`). `view.formats` formats numbers, money and days; `labels.label(column)`
  labels a column (add to `labels.NAMES` those whose names do not read well), and `labels.format_value(column, value,
  formats)` formats its value.
* Text from data: `draw_figure` and `draw_table` escape it (so do not escape it before, and use markup only in
  `hovertemplate` and `texttemplate`); elsewhere use `escape.markdown` (labels of tabs, radio buttons, metrics,
  st.markdown) or `escape.html` (st.html). No `unsafe_allow_html`.
* Empty states: `needs` covers the whole page; a part of one calls `draw_empty_state(heading, why)`, with
  `explain_empty(view, table)` for the reason.
* A wide screen is 1280 px, a narrow one 390: `st.columns` stack by themselves; check both, light and dark.

Tests: `tests/serve/dashboard/test_<name>.py`, with the fixtures of `tests/serve/dashboard/conftest.py`.
"""
