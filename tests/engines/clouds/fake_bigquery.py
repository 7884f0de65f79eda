"""The part of BigQuery's REST API that patron's client calls, over a warehouse in DuckDB."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb
import pyarrow as pa

from engines.clouds.fake_sql import FakeSql

_TYPES = ((pa.types.is_boolean, "BOOLEAN"), (pa.types.is_integer, "INTEGER"), (pa.types.is_floating, "FLOAT"))
_TYPES += ((pa.types.is_date, "DATE"), (pa.types.is_timestamp, "DATETIME"), (pa.types.is_decimal, "BIGNUMERIC"))


@contextmanager
def serve() -> Iterator[tuple[FakeSql, dict[str, str]]]:
    """Serve, and give the warehouse with the environment by which patron reaches it."""
    sql = FakeSql("bigquery")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(sql))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        host = f"http://127.0.0.1:{server.server_port}"
        yield sql, {"BIGQUERY_EMULATOR_HOST": host, "PATRON_BIGQUERY_PROJECT": "shop"}
    finally:
        server.shutdown()
        server.server_close()


def _make_handler(sql: FakeSql) -> type[BaseHTTPRequestHandler]:
    jobs: dict[str, dict[str, Any]] = {}
    results: dict[str, pa.Table] = {}
    uploads: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path.startswith("/upload/"):
                uploads.append(json.loads(body))
                place = f"http://{self.headers['Host']}/uploaded/{len(uploads) - 1}"
                self._answer({}, {"Location": place})
                return
            job = json.loads(body)
            self._finish(job, lambda: sql.run(job["configuration"]["query"]["query"]))

        def do_PUT(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            job = uploads[int(self.path.rsplit("/", 1)[1])]
            to = job["configuration"]["load"]["destinationTable"]

            def load() -> pa.Table:
                with tempfile.TemporaryDirectory() as folder:
                    file = Path(folder) / "rows.parquet"
                    file.write_bytes(content)
                    sql.load(f"{to['datasetId']}.{to['tableId']}", str(file))
                return pa.table({})

            self._finish(job, load)

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if table := re.search(r"/datasets/(\w+)/tables/(\w+)$", path):
                rows = sql.engine.execute(f"from {table[1]}.{table[2]} limit 0").to_arrow_table()
                reference = {"projectId": "shop", "datasetId": table[1], "tableId": table[2]}
                self._answer({"tableReference": reference, "schema": _describe(rows)})
            elif "/queries/" in path:
                job_id = path.rsplit("/", 1)[1]
                rows = results[job_id]
                found = {"jobComplete": True, "jobReference": jobs[job_id]["jobReference"], "schema": _describe(rows)}
                self._answer({**found, "totalRows": str(rows.num_rows), "rows": _list_rows(rows)})
            else:
                self._answer(jobs[path.rsplit("/", 1)[1]])

        def _finish(self, job: dict[str, Any], work: Any) -> None:
            job_id = job["jobReference"]["jobId"]
            job["status"] = {"state": "DONE"}
            try:
                results[job_id] = work()
            except (duckdb.Error, ValueError) as error:
                reason = {"reason": "invalidQuery", "message": str(error)}
                job["status"] |= {"errorResult": reason, "errors": [reason]}
            job["statistics"] = {"query": {"statementType": "SELECT"}}
            jobs[job_id] = job
            self._answer(job)

        def _answer(self, content: dict[str, Any], headers: dict[str, str] | None = None) -> None:
            body = json.dumps(content).encode()
            self.send_response(200)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _describe(rows: pa.Table) -> dict[str, Any]:
    return {"fields": [{"name": one.name, "type": _name_type(one.type), "mode": "NULLABLE"} for one in rows.schema]}


def _name_type(kind: pa.DataType) -> str:
    return next((name for is_kind, name in _TYPES if is_kind(kind)), "STRING")


def _list_rows(rows: pa.Table) -> list[dict[str, Any]]:
    return [{"f": [{"v": _write(value)} for value in row.values()]} for row in rows.to_pylist()]


def _write(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
