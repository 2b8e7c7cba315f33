"""The contract made ready to be held against messages: what may be published where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.observing.places import Places, places_of
from jararaca_compiler.references.resolver import Found
from jararaca_compiler.validation.values import Validator, validator_by

_WORD = re.compile(r"\{([^{}]+)\}")
KEYLESS = ("fanout", "headers")


@dataclass(frozen=True, slots=True)
class ObservedMessage:
    """A message of a service: how its body and headers are judged, and what they may have.

    `validator` is None where the body is in no JSON, or its schema cannot be held against values.
    """

    service: str
    name: str
    wire_name: str
    is_deprecated: bool
    is_json: bool
    validator: Validator | None = field(compare=False)
    headers: Validator | None = field(compare=False)
    places: Places = field(compare=False)


@dataclass(frozen=True, slots=True)
class ObservedChannel:
    """Where messages of a service are published: an exchange, and topics that match `pattern`.

    `names` are the parameters' in the order of the pattern's groups.
    """

    service: str
    key: str
    exchange: str
    pattern: re.Pattern[str] = field(compare=False)
    names: tuple[str, ...]
    parameters: tuple[ir.Parameter, ...]
    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ObservedContract:
    """All channels and messages of the observed services; a message by service and name."""

    channels: tuple[ObservedChannel, ...]
    messages: dict[tuple[str, str], ObservedMessage]

    @property
    def exchanges(self) -> tuple[str, ...]:
        """Those that the channels are on, without the default exchange."""
        return tuple(sorted({channel.exchange for channel in self.channels} - {""}))


def observed(
    services: tuple[ir.Service, ...],
    lookup: Callable[[str], Found],
    exchange: str | None = None,
) -> ObservedContract:
    """The contract of services; `exchange` is what the broker URL calls their own."""
    channels = [each for service in services for each in _channels(service, exchange)]
    messages = {
        (service.name, message.name): _message(service, message, lookup)
        for service in services
        for message in service.messages
        if message.kind != "websocket"
    }
    return ObservedContract(tuple(channels), messages)


def _channels(service: ir.Service, exchange: str | None) -> Iterator[ObservedChannel]:
    types = {each.name: each.type for each in service.topology.exchanges}
    own = exchange or next((e.name for e in service.topology.exchanges if e.shared), "")
    for channel in service.channels:
        if channel.is_websocket or channel.address is None:
            continue
        name = own if channel.exchange is None else channel.exchange
        is_keyless = types.get(channel.exchange or own) in KEYLESS
        address = channel.queue or channel.address if name == "" else channel.address
        pattern = re.compile(".*", re.DOTALL) if is_keyless else topic_pattern(address)
        names = () if is_keyless else tuple(_WORD.findall(address))
        yield ObservedChannel(
            service.name, channel.key, name, pattern, names, channel.parameters, channel.messages
        )


def topic_pattern(address: str) -> re.Pattern[str]:
    """A regular expression for topics, with a group for each parameter, in their order."""
    parts: list[str] = []
    for word in address.split("."):
        if word in ("*", "#"):
            parts.append("[^.]+" if word == "*" else ".*")
            continue
        pieces = _WORD.split(word)
        text = "".join("([^.]+)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))
        parts.append(text)
    return re.compile(r"\.".join(parts))


def _message(
    service: ir.Service, message: ir.Message, lookup: Callable[[str], Found]
) -> ObservedMessage:
    is_json = message.encoding is None and _is_json(message.content_type)
    schema = message.payload.schema
    headers = message.headers
    return ObservedMessage(
        service.name,
        message.name,
        message.wire_name or message.name,
        message.deprecated,
        is_json,
        validator_by(schema, lookup) if is_json else None,
        None if headers is None else validator_by(headers.schema, lookup),
        places_of(schema, lookup) if is_json else {},
    )


def _is_json(content_type: Any) -> bool:
    return "json" in str(content_type).lower()
