"""Topics as a source: the connector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patron.errors import SourceError
from patron.ingest.kafka.source import TopicSource
from patron.ingest.source import Reread

if TYPE_CHECKING:
    from patron.ingest.kafka.settings import KafkaSettings
    from patron.ingest.kafka.stream import TopicStream
    from patron.ingest.source import Landing, OnProgress, SourceContext
    from patron.lake import Lake


class KafkaConnector:
    """Lands the messages of topics. See ingest/connector.py."""

    def __init__(self, settings: KafkaSettings, context: SourceContext) -> None:
        assert settings.kafka is not None
        self.source = TopicSource(
            name=context.name,
            settings=settings.kafka,
            where=context.where,
            required_columns=context.required_columns,
            optional_columns=context.optional_columns,
        )

    def check(self) -> None:
        """See that the client is installed and that the environment holds what it needs. Raises SettingsError."""
        from patron.ingest.kafka.client import import_client

        import_client(self.source.where)
        self.source.client_settings()

    def describe(self) -> str:
        """Ask the cluster for the topics' partitions and messages."""
        from patron.ingest.kafka.client import Cluster

        self.check()
        partitions = Cluster(self.source).list_partitions()
        messages = sum(each.end - each.first for each in partitions)
        return f"{', '.join(self.source.topics)}: {len(partitions)} partitions, up to {messages:,} messages"

    def land(
        self,
        lake: Lake,
        *,
        full_compare: bool = False,  # noqa: ARG002  a message lands once, so there is nothing to compare
        on_progress: OnProgress | None = None,
    ) -> Landing:
        """Land the messages that the topics hold now and that have not landed yet."""
        from patron.ingest.kafka.stream import land_what_is_there

        self.check()
        return land_what_is_there(lake, self.source, on_progress or (lambda _rows: None))

    def follow(self, lake: Lake) -> TopicStream:
        """Follow the topics: messages land as they come."""
        from patron.ingest.kafka.stream import TopicStream

        self.check()
        return TopicStream(lake, self.source)

    def reread(self, lake: Lake) -> Reread:
        """Count the rejected messages: no setting makes a message readable, so they stay."""
        table = lake.table(self.source.name)
        count = sum(position.rejected_rows for position in table.landings()) if table.exists else 0
        why = "a message stays as it was written; produce it again, corrected"
        out_of_reach = [(", ".join(self.source.topics), count, why)] if count else []
        return Reread(self.source.name, rows_before=count, rows_rejected=count, out_of_reach=out_of_reach)

    def sample(self, rows: int) -> None:
        """Return nothing: messages are read when they land."""

    def explain_no_rows(self) -> SourceError:
        """No message has landed yet."""
        what = f"No message of the source {self.source.name} has landed: {', '.join(self.source.topics)} had none."
        return SourceError(what, where=self.source.where, do="send messages, or check kafka.topics, then run again")
