"""Which assets a shop has: its sources, models, predictions and published tables, and what each is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import dagster as dg

from patron.pipeline.model_graph import load_models
from patron.transform.days import sort_day_grained
from patron.transform.graph import find_prediction_readers
from patron.transform.model_docs import load_model_docs

if TYPE_CHECKING:
    from patron.project.project import Project
    from patron.transform.node import Node

PREDICTIONS = "predictions"
_INPUTS = "models/predictions/"


@dataclass(frozen=True)
class Catalog:
    """The assets of a project. prefix: of every key; empty for none."""

    project: Project
    prefix: str = ""

    def key(self, *parts: str) -> dg.AssetKey:
        """Make the key of an asset, such as gold, customer_360."""
        return dg.AssetKey([*([self.prefix] if self.prefix else []), *parts])

    @cached_property
    def nodes(self) -> list[Node]:
        """Models, seeds and data tests."""
        return load_models(self.project)

    @cached_property
    def tables(self) -> list[Node]:
        """Models and seeds."""
        return [node for node in self.nodes if node.kind != "test"]

    @cached_property
    def days(self) -> list[Node]:
        """The day-grained models, each after those that it reads."""
        return sort_day_grained(self.tables)

    @property
    def published(self) -> dg.AssetKey:
        """The key of what readers see."""
        return self.key("published", "gold")

    def key_of(self, node: Node) -> dg.AssetKey:
        """The key of a model or seed."""
        return self.key(node.schema, node.name)

    def list_sources(self) -> list[dg.AssetSpec]:
        """Describe each source of patron.yaml."""
        return [
            dg.AssetSpec(
                self.key("bronze", name),
                group_name="sources",
                kinds={source.kind.name, "deltalake"},
                description=f"The rows of {name} as they came.",
            )
            for name, source in self.project.settings.sources.items()
        ]

    def list_predictions(self) -> list[dg.AssetSpec]:
        """Describe each table that predictions write and models read."""
        names = {source for node in self.tables for source in node.sources if source.startswith(f"{PREDICTIONS}.")}
        inputs = [self.key_of(node) for node in self.tables if node.name in self._read_by_predictions]
        return [
            dg.AssetSpec(
                self.key(*name.split(".")),
                deps=inputs,
                group_name=PREDICTIONS,
                kinds={"python"},
                description="Predicted.",
            )
            for name in sorted(names)
        ]

    @cached_property
    def _read_by_predictions(self) -> set[str]:
        from patron.predict import stage

        inputs = {node.name for node in self.tables if node.place.startswith(stage.INPUTS)}
        made_of_them = {node.name for node in find_prediction_readers(self.tables)}  # such as of a drawn sample
        return (inputs | set(stage.READS)) - made_of_them

    def list_models(self, nodes: Iterable[Node], **more: object) -> list[dg.AssetSpec]:
        """Describe models and seeds, each with what it is built from."""
        names = {node.name: node for node in self.tables}
        return [
            dg.AssetSpec(
                self.key_of(node),
                deps=[*(self.key_of(names[parent]) for parent in node.parents), *self._list_sources_of(node)],
                group_name=_name_group(node),
                kinds={"sql", self.project.settings.warehouse.engine},
                description=_describe(node),
                **more,
            )
            for node in nodes
        ]

    def _list_sources_of(self, node: Node) -> list[dg.AssetKey]:
        """The sources and predictions that a model reads; labels and the requested day are no assets."""
        return [self.key(*name.split(".")) for name in node.sources if name.startswith(("bronze.", f"{PREDICTIONS}."))]

    def describe_published(self, policy: dg.FreshnessPolicy) -> dg.AssetSpec:
        """Describe the snapshot that readers see."""
        gold = [self.key_of(node) for node in self.tables if node.schema == "gold"]
        return dg.AssetSpec(
            self.published,
            deps=gold,
            group_name="published",
            kinds={"parquet"},
            description="The snapshot of gold that dashboards, reports and audiences read.",
            freshness_policy=policy,
        )


def _name_group(node: Node) -> str:
    if node.place.startswith(_INPUTS):
        return PREDICTIONS
    return f"gold_{node.place.split('/')[2]}" if node.schema == "gold" else node.schema


def _describe(node: Node) -> str | None:
    return load_model_docs(node.name).get("description") if node.schema == "gold" else None
