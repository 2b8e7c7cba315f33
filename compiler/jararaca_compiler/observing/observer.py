"""Counts what is heard against the contract, in bounded memory whatever is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from jararaca_compiler.observing.body import NoJson, json_of
from jararaca_compiler.observing.contract import ObservedChannel, ObservedContract, ObservedMessage
from jararaca_compiler.observing.judging import violations
from jararaca_compiler.observing.matching import Matcher
from jararaca_compiler.observing.tally import Tally
from jararaca_compiler.observing.walk import used_of

MOST_KINDS = 200
"""Kinds of violations, undeclared fields and publishers of a message that are told apart."""

MOST_STRANGERS = 1_000
"""Undeclared topics, and unknown types, that are told apart."""

LONGEST_NAME = 200
"""Characters of a name that a stranger has chosen."""

UNKNOWN_PUBLISHER = "(unknown)"
OUR_EXCHANGES = ("jararaca.", "jararaca-")


class HeardProperties(Protocol):
    """What is asked of AMQP's properties."""

    @property
    def type(self) -> str | None:
        """The name of the message."""

    @property
    def message_id(self) -> str | None:
        """The message's own."""

    @property
    def correlation_id(self) -> str | None:
        """What it belongs to."""

    @property
    def app_id(self) -> str | None:
        """Who publishes."""

    @property
    def user_id(self) -> str | None:
        """The account that publishes."""

    @property
    def content_encoding(self) -> str | None:
        """How the body is packed."""


class Heard(Protocol):
    """What is asked of a heard message."""

    @property
    def exchange(self) -> str:
        """Where it was published."""

    @property
    def routing_key(self) -> str:
        """Its topic."""

    @property
    def body(self) -> bytes:
        """As it came."""

    @property
    def at(self) -> datetime:
        """When it was heard."""

    @property
    def properties(self) -> HeardProperties:
        """AMQP's."""

    @property
    def headers(self) -> Mapping[str, Any]:
        """The publisher's."""

    @property
    def user(self) -> str:
        """The account, where the firehose tells."""


@dataclass(slots=True)
class Seen:
    """What was heard of one message of a service."""

    seen: int = 0
    invalid: int = 0
    unchecked: int = 0
    channels: dict[str, int] = field(default_factory=dict)
    publishers: Tally[str] = field(default_factory=lambda: Tally(MOST_KINDS))
    invalid_of: Tally[str] = field(default_factory=lambda: Tally(MOST_KINDS))
    violations: Tally[tuple[str, str]] = field(default_factory=lambda: Tally(MOST_KINDS))
    undeclared: Tally[str] = field(default_factory=lambda: Tally(MOST_KINDS))
    fields: dict[str, int] = field(default_factory=dict)
    values: dict[tuple[str, str], int] = field(default_factory=dict)


class Observer:
    """`hear` each message; then `report_of` says what was seen, and what was not."""

    def __init__(self, contract: ObservedContract) -> None:
        self.contract = contract
        self.seen = {key: Seen() for key in contract.messages}
        self.topics: Tally[tuple[str, str, str]] = Tally(MOST_STRANGERS)
        self.types: Tally[tuple[str, str, str, str]] = Tally(MOST_STRANGERS)
        self.heard = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self._matcher = Matcher(contract)

    def hear(self, message: Heard) -> bool:
        """Count one; whether the contract has it and it is as it should be."""
        if message.exchange.startswith(OUR_EXCHANGES):
            return True  # A delay of the runtime's own: it comes again where it belongs.
        self.heard += 1
        self.first = self.first or message.at
        self.last = message.at
        properties = message.properties
        body = json_of(message.body, properties.content_encoding)
        found = self._matcher.match(message.exchange, message.routing_key, properties.type, body)
        if not found.channels:
            self.topics.add(
                (_short(message.exchange), _short(message.routing_key), _short(properties.type))
            )
            return False
        if not found.candidates:
            for channel in found.channels:
                where = (channel.service, channel.key)
                self.types.add((*where, _short(properties.type), publisher_of(message)))
            return False
        wrong = [self._count(channel, each, message, body) for channel, each in found.candidates]
        return not any(wrong)

    def _count(
        self, channel: ObservedChannel, message: ObservedMessage, heard: Heard, body: Any
    ) -> bool:
        """Count a message of a service; whether something is wrong with it."""
        seen = self.seen[message.service, message.name]
        who = publisher_of(heard)
        seen.seen += 1
        seen.channels[channel.key] = seen.channels.get(channel.key, 0) + 1
        seen.publishers.add(who)
        if not message.is_json or message.validator is None:
            seen.unchecked += 1
            body = None if not message.is_json else body
        wrong = violations(message, channel, heard.routing_key, heard.headers, body)
        for place, reason in wrong:
            seen.violations.add((_short(place), reason))
        if wrong:
            seen.invalid += 1
            seen.invalid_of.add(who)
        if not isinstance(body, NoJson) and message.places:
            self._use(seen, message, body)
        return bool(wrong)

    @staticmethod
    def _use(seen: Seen, message: ObservedMessage, body: Any) -> None:
        used = used_of(body, message.places)
        for place in used.places:
            seen.fields[place] = seen.fields.get(place, 0) + 1
        for value in used.enums:
            seen.values[value] = seen.values.get(value, 0) + 1
        for place in used.undeclared:
            seen.undeclared.add(_short(place))


def publisher_of(message: Heard) -> str:
    """Who published: the application's name, else the account."""
    properties = message.properties
    return _short(properties.app_id or properties.user_id or message.user) or UNKNOWN_PUBLISHER


def _short(name: str | None) -> str:
    return (name or "")[:LONGEST_NAME]
