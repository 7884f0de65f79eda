"""The Kafka client: imported at first use, and what it says in patron's words, never with a secret in it."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from patron.errors import SettingsError, SourceError, did_you_mean
from patron.ingest.source import UnreachableError

if TYPE_CHECKING:
    from patron.ingest.kafka.source import TopicSource

SECONDS_TO_ANSWER = 15
_NO_ID = "AAAAAAAAAAAAAAAAAAAAAA"
"""The id of a topic on a cluster that gives topics no ids."""
_QUIET = {"log_level": 0, "client.id": "patron"}


@dataclass(frozen=True)
class Partition:
    """A partition as the cluster has it now. first, end: the offsets of its first message and of the next one."""

    topic: str
    topic_id: str
    number: int
    first: int = 0
    end: int = 0

    @property
    def display_name(self) -> str:
        """What `_source_file` says of its rows."""
        return f"kafka:{self.topic}/{self.number}"

    @property
    def position_id(self) -> str:
        """Name its position in the lake: a topic that was created again is another one."""
        return f"kafka:{self.topic}{'@' + self.topic_id if self.topic_id else ''}/{self.number}"


def import_client(where: str) -> ModuleType:
    """Import confluent_kafka. Raises SettingsError where it is not installed."""
    try:
        import confluent_kafka
    except ImportError:
        do = "pip install 'patron[kafka]'"
        raise SettingsError("The extra kafka is not installed.", where=where, do=do) from None
    module: ModuleType = confluent_kafka
    return module


class Cluster:
    """What a cluster says of a source's topics."""

    def __init__(self, source: TopicSource) -> None:
        from confluent_kafka.admin import AdminClient

        self._source = source
        self._errors: list[Any] = []
        self._admin = AdminClient({**source.client_settings(), **_QUIET, "error_cb": self._errors.append})

    def read_topic_ids(self) -> dict[str, str]:
        """Topic -> the id that the cluster gave it; empty where it gives none. Raises SourceError."""
        from confluent_kafka import TopicCollection

        asked = self._admin.describe_topics(
            TopicCollection(list(self._source.topics)), request_timeout=SECONDS_TO_ANSWER
        )
        described = self._wait_for(asked)
        self._partitions = {topic: len(found.partitions) for topic, found in described.items()}
        return {topic: str(found.topic_id).replace(_NO_ID, "") for topic, found in described.items()}

    def list_partitions(self) -> list[Partition]:
        """Every partition of the topics, with its offsets. Raises SourceError."""
        from confluent_kafka import TopicPartition
        from confluent_kafka.admin import OffsetSpec

        found = [
            Partition(topic, topic_id, number)
            for topic, topic_id in self.read_topic_ids().items()
            for number in range(self._partitions[topic])
        ]
        places = {(each.topic, each.number): each for each in found}
        offsets = []
        for spec in (OffsetSpec.earliest(), OffsetSpec.latest()):
            wanted = {TopicPartition(*place): spec for place in places}
            found_now = self._wait_for(self._admin.list_offsets(wanted, request_timeout=SECONDS_TO_ANSWER))
            offsets.append({(one.topic, one.partition): info.offset for one, info in found_now.items()})
        first, end = offsets
        return [
            Partition(each.topic, each.topic_id, each.number, first[place], end[place])
            for place, each in places.items()
        ]

    def create_topic(self, topic: str, partitions: int) -> None:
        """Create a topic, unless there is one of the name. Raises SourceError."""
        from confluent_kafka.admin import NewTopic

        if topic in self._admin.list_topics(timeout=SECONDS_TO_ANSWER).topics:
            return
        self._wait_for(self._admin.create_topics([NewTopic(topic, num_partitions=partitions)]))
        until = time.monotonic() + SECONDS_TO_ANSWER
        while topic not in self._admin.list_topics(timeout=SECONDS_TO_ANSWER).topics and time.monotonic() < until:
            time.sleep(0.05)

    def _wait_for(self, asked: dict[Any, Future[Any]]) -> dict[Any, Any]:
        """Wait for answers; a refused login or certificate ends it at once, which the client itself would try again."""
        from confluent_kafka import KafkaError, KafkaException

        while not all(future.done() for future in asked.values()):
            self._admin.poll(0.02)
            refused = [error for error in self._errors if error.code() in (KafkaError._AUTHENTICATION, KafkaError._SSL)]
            if refused:
                raise self.explain(refused[0])
        try:
            found = {key: future.result() for key, future in asked.items()}
        except KafkaException as error:
            raise self.explain(error.args[0]) from error
        self._errors.clear()
        return found

    def explain(self, error: Any) -> SourceError:
        """Say what the client's error means, and what to do."""
        from confluent_kafka import KafkaError

        codes = {error.code(), *(each.code() for each in self._errors)}
        servers = f"the brokers that {self._source.settings.connection} names"
        if error.code() in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC):
            return self._explain_missing_topic()
        if codes & {KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED}:
            what, do = f"{servers} refused the login", "check kafka.options and the variables named in kafka.secrets"
        elif KafkaError._SSL in codes:
            what = f"{servers} show a certificate that is not trusted here, or speak no TLS"
            do = "name the certificate that signed it in kafka.options: `ssl.ca.location: /etc/ssl/kafka.pem`"
        elif codes & {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED}:
            what, do = f"{servers} do not permit reading", "permit `describe` and `read` of the topics to patron's user"
        elif codes & {KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT, KafkaError._TRANSPORT, KafkaError._RESOLVE}:
            do = "check that they run and can be reached from here, then run again; what landed is kept"
            return UnreachableError(f"{servers} do not answer.", where=self._where, do=do)
        else:
            what, do = f"Kafka returned an error: {error.str()}", "look at the brokers' log, then run again"
        return SourceError(f"{what}.", where=self._where, do=f"{do}; what landed is kept")

    def _explain_missing_topic(self) -> SourceError:
        known = self._admin.list_topics(timeout=SECONDS_TO_ANSWER).topics
        missing = [topic for topic in self._source.topics if topic not in known] or list(self._source.topics)
        do = did_you_mean(missing[0], known, f"create the topic, or fix sources.{self._source.name}.kafka.topics")
        return UnreachableError(f"The cluster has no topic {missing[0]!r}.", where=self._where, do=do)

    @property
    def _where(self) -> str:
        return f"kafka:{','.join(self._source.topics)}"
