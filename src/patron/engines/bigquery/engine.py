"""BigQuery as the engine of a project."""

from __future__ import annotations

from typing import ClassVar

from patron.engines.clouds.warehouse import CloudWarehouse


class BigQueryWarehouse(CloudWarehouse):
    """BigQuery, through its client."""

    dialect: ClassVar[str] = "bigquery"
