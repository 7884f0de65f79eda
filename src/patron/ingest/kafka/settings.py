"""Settings of Kafka topics as a source: names only, since patron.yaml holds no secret."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Literal

from pydantic import Field, ModelWrapValidatorHandler, field_validator, model_validator

from patron.ingest.settings_base import OneOrMore, Settings, Words, make_error
from patron.ingest.source_kind import SourceKind

DEFAULT_CONNECTION = "PATRON_KAFKA"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET = re.compile(r"password|secret|\.pem$|token|credential|sasl\.oauthbearer\.config|jaas", re.I)
_OWN_OPTIONS = (
    "bootstrap.servers", "group.id", "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset",
    "enable.partition.eof", "isolation.level",
)  # fmt: skip


class Kafka(Settings):
    """Topics of a Kafka cluster (extra: kafka). Each message lands once."""

    topics: Words = Field(min_length=1, description="The topics to read.")
    connection: str = Field(
        DEFAULT_CONNECTION,
        description="Name of the environment variable that holds the brokers, such as `host:9092,other:9092`.",
    )
    format: Literal["json", "json_schema", "avro"] = Field(
        "json",
        description="How messages are written. `json_schema` and `avro`: as a schema registry's serializers do.",
    )
    registry: str = Field(
        "PATRON_SCHEMA_REGISTRY",
        description="Name of the environment variable that holds the schema registry's URL. Only for `avro`.",
    )
    envelope: Literal["none", "debezium"] = Field(
        "none",
        description="`debezium`: messages are changes of a table's rows, as Debezium writes them; the row lands, and "
        "`_is_deleted` says that it is gone.",
    )
    key: OneOrMore = Field(
        (),
        description="Fields of a message that identify its row: the latest message counts, and one without a value "
        "deletes. Unset: each message is a row of its own; with `debezium`, the table's key.",
    )
    options: dict[str, str | int | float | bool] = Field(
        {}, description="Settings of the Kafka client, such as `security.protocol: SASL_SSL`. No secrets."
    )
    secrets: dict[str, str] = Field(
        {},
        description="Secret settings of the Kafka client, each with the name of the environment variable that "
        "holds it: `sasl.password: KAFKA_PASSWORD`.",
    )
    batch_rows: int = Field(1000, ge=1, le=1_000_000, description="`patron stream` commits so many messages at most.")
    batch_seconds: float = Field(1, gt=0, le=3600, description="`patron stream` commits after so many seconds at most.")
    lost: Literal["warn", "stop"] = Field(
        "warn",
        description="What to do if the cluster deleted messages before they landed: `warn`, saying which, or `stop`.",
    )

    @property
    def is_changelog(self) -> bool:
        """Whether the latest message of a key counts."""
        return bool(self.key) or self.envelope == "debezium"

    @model_validator(mode="wrap")
    @classmethod
    def _need_own_settings(cls, value: Any, handler: ModelWrapValidatorHandler[Kafka]) -> Kafka:
        if isinstance(value, str):
            raise make_error("`kafka` needs settings of its own", "write `topics: [name]` under `kafka:`")
        return handler(value)

    @field_validator("connection", "registry", mode="before")
    @classmethod
    def _check_variable_name(cls, value: Any) -> Any:
        if not (isinstance(value, str) and _VARIABLE.fullmatch(value)):
            raise make_error("The value is not the name of an environment variable", _IN_THE_ENVIRONMENT)
        return value

    @field_validator("options", mode="before")
    @classmethod
    def _refuse_secrets(cls, value: Any) -> Any:
        for name in value if isinstance(value, dict) else ():
            if _SECRET.search(str(name)):
                raise make_error(f"The client's {name} has no place in patron.yaml", _SECRETS)
            if name in _OWN_OPTIONS:
                raise make_error(f"patron itself sets the client's {name}", f"remove {name} from `options`")
        return value

    @field_validator("secrets", mode="before")
    @classmethod
    def _check_secret_names(cls, value: Any) -> Any:
        for name, variable in value.items() if isinstance(value, dict) else ():
            if not (isinstance(variable, str) and _VARIABLE.fullmatch(variable)):
                raise make_error(f"{name} does not name an environment variable", _SECRETS)
        return value


_IN_THE_ENVIRONMENT = "export PATRON_KAFKA=host:9092, and name the variable: `connection: PATRON_KAFKA`"
_SECRETS = "put it into an environment variable, and name that under `secrets`: `sasl.password: KAFKA_PASSWORD`"


class KafkaSettings(Settings):
    """The key of a source that is topics."""

    KIND: ClassVar = SourceKind(
        name="kafka",
        hint="the topics to read",
        keys=("kafka",),
        unit="commits of partitions",
        is_changelog=False,
        is_live=True,
        connector="patron.ingest.kafka.connector:KafkaConnector",
    )

    kafka: Kafka | None = Field(None, description="Topics of a Kafka cluster. Instead of `files`.")
