"""The command that replays files to a Kafka topic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from patron.cli.commands.options import ProjectOption, load_project

if TYPE_CHECKING:
    from patron.ingest.kafka.source import TopicSource

_TOPIC = "The topic to send to; PATRON_KAFKA holds the brokers."
_SOURCE = "Instead of --topic: send to this source of patron.yaml, with its connection and login."
_EXAMPLE = (
    "Send the generated data of a shipped shop, such as online_retail; FILES are then patterns in its data folder."
)
_EVENT_TIME = "Keep the gaps between the times in this column, instead of a rate."


def produce(
    files: Annotated[list[str] | None, typer.Argument(help="Files to replay, or patterns of them.")] = None,
    topic: Annotated[str | None, typer.Option(help=_TOPIC)] = None,
    source: Annotated[str | None, typer.Option(help=_SOURCE)] = None,
    project: ProjectOption = Path(),
    example: Annotated[str | None, typer.Option(help=_EXAMPLE)] = None,
    key: Annotated[str | None, typer.Option(help="The column whose value is the message's key.")] = None,
    rate: Annotated[
        float | None, typer.Option(min=0.001, help="Messages a second; unset: as fast as possible.")
    ] = None,
    event_time: Annotated[str | None, typer.Option(help=_EVENT_TIME)] = None,
    speed: Annotated[float, typer.Option(min=0.001, help="How many times as fast event time passes.")] = 1,
    time_format: Annotated[str | None, typer.Option(help="How the times are written; unset: ISO.")] = None,
    partitions: Annotated[
        int | None, typer.Option(min=1, help="Create the topic with so many partitions if there is none.")
    ] = None,
) -> None:
    """Replay files, or a simulated shop, to a Kafka topic: each row as a JSON message.

    Example: patron produce data/*.csv --topic orders --rate 100
    """
    import tempfile

    from patron.cli.output.console import say
    from patron.cli.stop_signals import watch_stop_signals
    from patron.errors import pluralize
    from patron.examples.example_files import make_example_files
    from patron.ingest.kafka.produce import Pace, produce

    destination = _find_destination(topic, source, project)
    pace = Pace(rate, event_time, speed, time_format)
    with watch_stop_signals() as is_stopping, tempfile.TemporaryDirectory() as scratch:
        folder, patterns = Path(), tuple(files or ())
        if example is not None:
            folder, own = make_example_files(Path(scratch) / "shop", example)
            patterns = patterns or own
        sent = produce(
            destination, folder, patterns, pace=pace, key=key, partitions=partitions, is_stopping=is_stopping
        )
    say(f"Sent {pluralize(sent, 'message')} to {destination.topics[0]}.")


def _find_destination(topic: str | None, source: str | None, project: Path) -> TopicSource:
    from patron.errors import SettingsError
    from patron.ingest.kafka.settings import Kafka
    from patron.ingest.kafka.source import TopicSource

    if (topic is None) == (source is None):
        what = "Name either a topic or a source of topics."
        raise SettingsError(what, where="--topic, --source", do="add `--topic orders`")
    if source is None:
        return TopicSource("produce", Kafka(topics=(str(topic),)), where="--topic")
    loaded = load_project(project)
    found = loaded.settings.sources.get(source)
    if found is None or not found.kind.is_live:
        raise SettingsError(
            f"patron.yaml has no source {source!r} of topics.", where="--source", do="see its `sources`"
        )
    return loaded.connector(source).source  # type: ignore[attr-defined, no-any-return]
