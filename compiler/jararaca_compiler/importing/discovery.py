"""What is found in code: messages with their topics and schemas, and who sends and handles them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jararaca_compiler.schemas.identifiers import BY_NAME, DATA

Kind = Literal["event", "task", "websocket"]
REFERENCE = "#/components/schemas/"

UUIDS = frozenset(f"uuid{version}" for version in range(1, 9))
"""What pydantic calls the versions of a UUID; to JSON Schema they are one format."""


@dataclass(frozen=True, slots=True)
class DiscoveredMessage:
    """A message: `topic` as documents write it, `schema` with references to the shared schemas.

    `parameters` are what is said of the topic's, `headers` is the schema of the headers,
    `publishing` the AMQP binding of sending it, `notes` what the message says of itself. `replies`
    names the answers to a request; an answer that is published nowhere else has no topic, nor has
    what goes to WebSocket clients, or comes from them (`received`).
    """

    name: str
    topic: str
    kind: Kind
    schema: Mapping[str, Any]
    description: str = ""
    queue: str | None = None
    exchange: str | None = None
    handlers: tuple[str, ...] = ()
    sent: bool = False
    examples: tuple[Any, ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    headers: Mapping[str, Any] | None = None
    publishing: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    replies: tuple[str, ...] = ()
    received: bool = False


@dataclass(frozen=True, slots=True)
class FoundMethod:
    """A method that handles, by the class that it is called on."""

    controller: type[Any]
    name: str


@dataclass(frozen=True, slots=True)
class DiscoveredCode:
    """All messages of an application, the schemas that they share, and what could not be kept.

    `classes` are the messages' own, by message name; `methods` the handlers, by operation; `name`,
    `title` and `version` what the application says of itself.
    """

    messages: tuple[DiscoveredMessage, ...]
    schemas: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    classes: Mapping[str, type[Any]] = field(default_factory=dict)
    methods: Mapping[str, FoundMethod] = field(default_factory=dict)
    name: str = ""
    version: str = ""
    title: str = ""


class ImportCodeError(Exception):
    """The code cannot be read; the text says why and what to name instead."""


def topic_of(binding_key: str) -> tuple[str, bool]:
    """A binding key as a topic: each `*` is a parameter; whether a `#` was lost."""
    words = [word for word in binding_key.split(".") if word != "#"]
    stars = [index for index, word in enumerate(words) if word == "*"]
    for number, index in enumerate(stars, 1):
        words[index] = "{" + f"part{number}" + "}"
    return ".".join(words), "#" in binding_key.split(".")


def plain(schema: Any, *, by_name: bool = False) -> Any:
    """A schema without pydantic's own titles and formats; `by_name`: keyed by names."""
    if isinstance(schema, list):
        return [plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        key: value if key in DATA and not by_name else plain(value, by_name=_is_keyed(key, by_name))
        for key, value in schema.items()
        if key != "title" or by_name
    }
    is_uuid = not by_name and schema.get("type") == "string" and schema.get("format") in UUIDS
    return {**made, "format": "uuid"} if is_uuid else made


def _is_keyed(key: str, by_name: bool) -> bool:
    return key in BY_NAME and not by_name


def camel(name: str) -> str:
    """`on_order` and `OnOrder` as `onOrder`."""
    words = re.sub(r"[^0-9a-zA-Z]+", " ", name).split()
    text = "".join(word[:1].upper() + word[1:] for word in words)
    return text[:1].lower() + text[1:]
