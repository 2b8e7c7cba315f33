"""What is kept while messages are heard: streams by exchange, topic and name, in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jararaca_compiler.discovering.contents import Content, content_of
from jararaca_compiler.discovering.envelopes import Named, named
from jararaca_compiler.discovering.shapes.profile import is_id
from jararaca_compiler.discovering.stream import Stream
from jararaca_compiler.listening.heard import HeardMessage

Topic = tuple[str, ...]
"""A routing key's words; `*` stands where a word looks like an id."""

ID = "*"
MOST_TOPICS = 2_000
MOST_KINDS = 40
"""Names on one topic; were there more, they would be values, and are one message."""

DISCRIMINATORS = ("type", "event", "eventType", "event_type", "eventName", "kind", "action")
"""Fields that tell messages apart where nothing outside the body does."""

ALIKE = 0.5
"""Two objects without a name are one message if they share half of the smaller one's fields."""

_MEANS = re.compile(r"[{}]|^[*#]$")
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{1,60}")


@dataclass(slots=True)
class Gathered:
    """All that was heard; `overlooked` are messages on topics beyond the most that are kept."""

    exchanges: dict[str, dict[Topic, dict[str, Stream]]] = field(default_factory=dict)
    overlooked: int = 0
    count: int = 0

    def add(self, message: HeardMessage) -> None:
        """One more message."""
        self.count += 1
        topics = self.exchanges.setdefault(message.exchange, {})
        topic = topic_of(message.routing_key)
        if topic not in topics and len(topics) >= MOST_TOPICS:
            self.overlooked += 1
            return
        streams = topics.setdefault(topic, {})
        content = content_of(message)
        stream = _stream(streams, named(message, content), content)
        stream.add(message, content)

    def merge(self, other: Gathered) -> None:
        """What was gathered at another time as well."""
        for exchange, topics in other.exchanges.items():
            for topic, streams in topics.items():
                mine = self.exchanges.setdefault(exchange, {}).setdefault(topic, {})
                for key, stream in streams.items():
                    mine.setdefault(key, Stream()).merge(stream)
        self.overlooked += other.overlooked
        self.count += other.count

    def kept(self, exchange: str) -> list[dict[str, Any]]:
        """An exchange's streams as JSON, for the next run."""
        return [
            {"topic": list(topic), "key": key, "stream": stream.kept()}
            for topic, streams in self.exchanges.get(exchange, {}).items()
            for key, stream in streams.items()
        ]

    @classmethod
    def of(cls, exchange: str, kept: list[dict[str, Any]]) -> Gathered:
        """What `kept` wrote."""
        made = cls()
        topics = made.exchanges.setdefault(exchange, {})
        for each in kept:
            stream = Stream.of(each["stream"])
            topics.setdefault(tuple(each["topic"]), {})[each["key"]] = stream
            made.count += stream.count
        return made


def topic_of(routing_key: str) -> Topic:
    """The words of a routing key, left out where they are ids, or mean something in an address."""
    words = routing_key[:255].split(".")
    return tuple(ID if is_id(word) or _MEANS.search(word) else word for word in words)


def _stream(streams: dict[str, Stream], name: Named | None, content: Content) -> Stream:
    """The stream that a message belongs to, made where it is new."""
    if name is not None:
        found = streams.get(f"name {name.name}")
        if found is None and len(streams) < MOST_KINDS:
            found = streams.setdefault(
                f"name {name.name}",
                Stream(name.name, name.by, name.envelope, name.within, name.is_task),
            )
        return found if found is not None else streams.setdefault("rest", Stream())
    is_json = content.is_json and not content.is_packed
    if is_json and isinstance(content.value, dict):
        return _told_apart(streams, content.value)
    return streams.setdefault("items" if is_json else "octets", Stream())


def _told_apart(streams: dict[str, Stream], value: Mapping[str, Any]) -> Stream:
    """By a field that says what it is, else by the fields that there are."""
    for name in DISCRIMINATORS:
        tag = value.get(name)
        if f"shape with {name}" in streams and name in value:
            return streams[f"shape with {name}"]
        if isinstance(tag, str) and _TAG.fullmatch(tag) and not is_id(tag):
            key = f"field {name} {tag}"
            if key in streams:
                return streams[key]
            if len(streams) < MOST_KINDS:
                return streams.setdefault(key, Stream(tag, f"field {name}"))
            return _collapsed(streams, name)
    for key, stream in streams.items():
        if key.startswith("shape") and _alike(value.keys(), stream.body.fields.keys()):
            return stream
    if sum(key.startswith("shape") for key in streams) >= MOST_KINDS // 4:
        return streams.setdefault("rest", Stream())
    number = sum(key.startswith("shape") for key in streams)
    return streams.setdefault(f"shape {number}", Stream())


def _collapsed(streams: dict[str, Stream], name: str) -> Stream:
    """One stream of all that a field of many values has told apart."""
    rest = streams.setdefault(f"shape with {name}", Stream())
    for key in [key for key in streams if key.startswith(f"field {name} ")]:
        gone = streams.pop(key)
        gone.name = gone.by = ""
        rest.merge(gone)
    return rest


def _alike(found: Any, known: Any) -> bool:
    smaller = min(len(found), len(known))
    return smaller == len(known) == 0 or len(found & known) >= max(1, ALIKE * smaller)
