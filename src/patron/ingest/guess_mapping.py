"""A first mapping for files that patron has never seen: guessed from headers and values, for the user to look over."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from patron.errors import PatronError

UNKNOWN = "CHANGE_ME"
"""Stands where no column fits; `patron run` then names it and lists the columns there are."""

_SAMPLE_ROWS = 2_000

_SAYINGS: dict[str, tuple[str, ...]] = {
    "order_id": (
        "orderid",
        "invoiceno",
        "invoiceid",
        "invoice",
        "transactionid",
        "receiptid",
        "receiptno",
        "receipt",
        "orderno",
        "order",
    ),
    "line_number": ("linenumber", "lineid", "lineno", "lineitemid", "position"),
    "ordered_at": (
        "orderedat",
        "invoicedate",
        "orderdate",
        "datetime",
        "transactiondate",
        "timestamp",
        "purchasedate",
        "soldat",
        "date",
        "time",
    ),
    "customer_id": ("customerid", "customerno", "customer", "clientid", "userid", "memberid", "card", "cardno"),
    "product_id": ("productid", "stockcode", "sku", "itemid", "productcode", "article", "articleno"),
    "product_name": ("productname", "description", "product", "item", "itempurchased", "itemname", "title"),
    "quantity": ("quantity", "qty", "units", "count", "pieces"),
    "unit_price": ("unitprice", "price", "priceeach", "itemprice", "saleprice"),
    "line_discount_amount": ("discountamount", "discountapplied", "discount"),
    "country": ("country",),
    "store_id": ("storeid", "salesoutletid", "outletid", "store", "shopid", "branch"),
    "channel": ("channel",),
    "status": ("status", "orderstatus"),
}
"""Headers, letters and digits only, that commonly mean a canonical column of order_lines; the likeliest first."""

_REQUIRED = ("order_id", "ordered_at", "unit_price")
_TIME_FORMATS = (
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y",
    "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y%m%d",
)  # fmt: skip


@dataclass(frozen=True)
class Suggestion:
    """A canonical column, the file's column for it, and the format of its values where they are not plain."""

    column: str
    header: str
    format: str | None

    def yaml(self) -> str:
        name = self.header if re.fullmatch(r"\w+( \w+)*", self.header) else f"""'"{self.header}"'"""
        if self.format is None:
            return f"{self.column}: {name}"
        return f'{self.column}: {{expression: {name}, format: "{self.format}"}}'


def suggest_mapping(data: Path) -> list[Suggestion]:
    """Suggestions for order_lines from the first readable file of a folder, or a file; required ones always present."""
    sample = _sample(data)
    headers = list(sample)
    plain = {re.sub(r"[^a-z0-9]", "", header.lower()): header for header in headers}
    found: list[Suggestion] = []
    for column, sayings in _SAYINGS.items():
        header = next((plain[saying] for saying in sayings if saying in plain), None)
        if header is not None and header not in {s.header for s in found}:
            found.append(Suggestion(column, header, _format(column, sample[header])))
        elif column in _REQUIRED:
            found.append(Suggestion(column, UNKNOWN, None))
    return found


def _sample(data: Path) -> dict[str, list[Any]]:
    """Header -> values of the first rows of the first file that can be read."""
    for file in _files(data):
        try:
            return _head(file, data if data.is_dir() else data.parent)
        except PatronError:
            continue
    return {}


def _files(data: Path) -> Iterator[Path]:
    if data.is_file():
        yield data
        return
    yield from sorted(path for path in data.rglob("*") if path.is_file() and not path.name.startswith("."))


def _head(file: Path, root: Path) -> dict[str, list[Any]]:
    from patron.ingest.files.content_hash import hash_files
    from patron.ingest.files.find_files import FoundFile
    from patron.ingest.files.formats import FormatOpener
    from patron.ingest.files.reader import list_original_names
    from patron.ingest.source import FileSource

    name = file.relative_to(root).as_posix()
    readable = FormatOpener(FileSource("sample", (name,))).open(hash_files([FoundFile(file, name)])[0])
    with _NoRejects() as rejects:
        batch = next(iter(readable.batches(rejects)), None)  # type: ignore[arg-type]
    if batch is None:
        return {}
    rows = batch.slice(0, _SAMPLE_ROWS)
    return {header: rows.column(i).to_pylist() for i, header in enumerate(list_original_names(readable.columns))}


class _NoRejects:
    """Takes unreadable rows and forgets them: a sample is not a landing."""

    rows = 0

    def __enter__(self) -> _NoRejects:
        return self

    def __exit__(self, *_: object) -> None: ...

    def add(self, *_: object, **__: object) -> None: ...


def _format(column: str, values: list[Any]) -> str | None:
    texts = [value.strip() for value in values if isinstance(value, str) and value.strip()]
    if not texts:
        return None
    if column == "ordered_at":
        return None if _all_parse(texts, dt.datetime.fromisoformat) else _time_format(texts)
    if column in ("unit_price", "quantity", "line_discount_amount"):
        return _number_format(texts)
    return None


def _time_format(texts: list[str]) -> str | None:
    return next(
        (fmt for fmt in _TIME_FORMATS if _all_parse(texts, lambda text, f=fmt: dt.datetime.strptime(text, f))), None
    )


def _number_format(texts: list[str]) -> str | None:
    if _all_parse(texts, float):
        return None
    bare = [re.sub(r"[$€£¥₹\s]", "", text) for text in texts]
    if all(re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?", text) for text in bare):
        return "1,234.50"
    if all(re.fullmatch(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d*)?", text) for text in bare):
        return "1.234,50"
    return None


def _all_parse(texts: list[str], parse: Any) -> bool:
    try:
        for text in texts:
            parse(text)
    except ValueError:
        return False
    return True
