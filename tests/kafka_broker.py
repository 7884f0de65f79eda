"""A Kafka broker of the tests' own: Apache Kafka in KRaft mode, in a temporary folder, on free ports, gone with them."""

from __future__ import annotations

import itertools
import json
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from kafka_jars import find_jars_folder

_JAVA = ["java", "-Xms64m", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
_CLUSTER = "cGF0cm9uLXRlc3RzLWJyaw"
_SETTINGS = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},SASL_PLAINTEXT://127.0.0.1:{sasl},SASL_SSL://127.0.0.1:{tls},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},SASL_PLAINTEXT://127.0.0.1:{sasl},SASL_SSL://127.0.0.1:{tls}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
listener.name.sasl_plaintext.sasl.enabled.mechanisms=PLAIN
listener.name.sasl_ssl.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.ssl.keystore.type=PEM
listener.name.sasl_ssl.ssl.keystore.location={folder}/broker.pem
listener.name.sasl_plaintext.plain.sasl.jaas.config={login}
log.dirs={folder}/data
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
offsets.topic.num.partitions=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.enable=false
auto.create.topics.enable=false
"""
PASSWORD = "s3kret"
_LOGIN = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    f'username="patron" password="{PASSWORD}" user_patron="{PASSWORD}";'
)


class KafkaBroker:
    """A running broker. `stop` and `start` may be called in any order; topics and messages outlive a stop."""

    def __init__(self, jars: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="patron-kafka-"))
        self.port, self.sasl_port, self.tls_port, controller = (_free_port() for _ in range(4))
        self.certificate = self._make_certificate()
        self._class_path = ["-cp", f"{jars}/*"]
        self._names = (f"topic-{number}" for number in itertools.count(1))
        self._process: subprocess.Popen[bytes] | None = None
        ports = {"port": self.port, "sasl": self.sasl_port, "tls": self.tls_port, "controller": controller}
        text = _SETTINGS.format(folder=self.folder, login=_LOGIN, **ports)
        self._settings = self.folder / "server.properties"
        self._settings.write_text(text, encoding="utf-8")
        tool = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c", str(self._settings)]
        tool += ["--add-scram", f"SCRAM-SHA-512=[name=patron,password={PASSWORD}]"]
        subprocess.run([*_JAVA, *self._class_path, *tool], check=True, timeout=120, capture_output=True)
        self.start()

    def _make_certificate(self) -> Path:
        """Make a certificate of the broker's own, beside it with its key for the broker; return it, to be trusted."""
        key, certificate = self.folder / "broker.key", self.folder / "broker.crt"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run(command, check=True, capture_output=True)
        (self.folder / "broker.pem").write_text(key.read_text() + certificate.read_text(), encoding="utf-8")
        return certificate

    @property
    def servers(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            command = [*_JAVA, *self._class_path, "kafka.Kafka", str(self._settings)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            wait_until(self._answers, "the broker did not start")
        except BaseException:
            self.stop()
            raise

    def stop(self, how: int = signal.SIGKILL) -> None:
        """By the broker's own process id."""
        assert self._process
        self._process.send_signal(how)
        self._process.wait(timeout=60)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_topic(self, partitions: int = 1, **settings: str) -> str:
        """Create a topic under a name of its own."""
        name = next(self._names)
        self.create(name, partitions, **settings)
        return name

    def create(self, topic: str, partitions: int = 1, **settings: str) -> None:
        from confluent_kafka.admin import NewTopic

        config = {name.replace("_", "."): value for name, value in settings.items()}
        new = NewTopic(topic, num_partitions=partitions, replication_factor=1, config=config)
        self._admin.create_topics([new])[topic].result()
        wait_until(lambda: self._knows(topic, partitions), "the topic was not created")

    def delete(self, topic: str) -> None:
        self._admin.delete_topics([topic])[topic].result()
        wait_until(lambda: not self._knows(topic, 1), "the topic was not deleted")

    def add_partitions(self, topic: str, count: int) -> None:
        from confluent_kafka.admin import NewPartitions

        self._admin.create_partitions([NewPartitions(topic, count)])[topic].result()
        wait_until(lambda: self._knows(topic, count), "the partitions were not created")

    def delete_before(self, topic: str, offset: int, partition: int = 0) -> None:
        """Delete the messages before an offset, as retention does."""
        from confluent_kafka import TopicPartition

        for done in self._admin.delete_records([TopicPartition(topic, partition, offset)]).values():
            done.result()

    def send(self, topic: str, messages: Iterable[Any], partition: int = 0, key: Any = None) -> None:
        """Send messages: bytes as they are, None as a tombstone, anything else as JSON."""
        from confluent_kafka import Producer

        producer = Producer({"bootstrap.servers": self.servers, "linger.ms": 5})
        for message in messages:
            producer.produce(topic, _encode(message), key=_encode(key), partition=partition)
            producer.poll(0)
        assert producer.flush(30) == 0

    def _answers(self) -> bool:
        from confluent_kafka import KafkaException

        assert self._process
        assert self._process.poll() is None, (self.folder / "log").read_text()[-2000:]
        try:
            return bool(self._admin.list_topics(timeout=1).brokers)
        except KafkaException:
            return False

    def _knows(self, topic: str, partitions: int) -> bool:
        known = self._admin.list_topics(timeout=10).topics.get(topic)
        return known is not None and len(known.partitions) >= partitions

    @cached_property
    def _admin(self) -> Any:
        from confluent_kafka.admin import AdminClient

        return AdminClient({"bootstrap.servers": self.servers, "log_level": 0})


def _encode(value: Any) -> bytes | None:
    return value if value is None or isinstance(value, bytes) else json.dumps(value).encode()


def started() -> Iterator[KafkaBroker]:
    """A broker for a session of tests, which are skipped, saying so, where Kafka, its client or Java is missing."""
    pytest.importorskip("confluent_kafka", reason="the extra kafka is not installed (pip install 'patron[kafka]')")
    if shutil.which("java") is None:
        pytest.skip("no Java is installed, which the Kafka broker needs")
    if not find_jars_folder().is_dir():
        pytest.skip(f"no Kafka broker at {find_jars_folder()}; `make jars` fetches it")
    broker = KafkaBroker(find_jars_folder())
    try:
        yield broker
    finally:
        broker.close()


def wait_until(is_so: Callable[[], Any], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
