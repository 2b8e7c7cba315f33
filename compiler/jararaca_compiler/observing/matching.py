"""Which messages of the contract a heard message may be: by exchange, topic and AMQP `type`."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jararaca_compiler.observing.body import NoJson
from jararaca_compiler.observing.contract import ObservedChannel, ObservedContract, ObservedMessage

MOST_TOPICS = 10_000
"""Topics whose channels are remembered; the least recently heard is forgotten."""

Candidate = tuple[ObservedChannel, ObservedMessage]


@dataclass(frozen=True, slots=True)
class Match:
    """Channels of the topic, none where it is undeclared, and what the message is on them.

    Several services may have the same message, each in its own words.
    """

    channels: tuple[ObservedChannel, ...]
    candidates: tuple[Candidate, ...]


class Matcher:
    """Finds the messages of a contract."""

    def __init__(self, contract: ObservedContract) -> None:
        self._contract = contract
        self._by_exchange: dict[str, list[ObservedChannel]] = {}
        for channel in contract.channels:
            self._by_exchange.setdefault(channel.exchange, []).append(channel)
        self._known: OrderedDict[tuple[str, str], tuple[ObservedChannel, ...]] = OrderedDict()

    def match(self, exchange: str, key: str, type_: str | None, body: Any) -> Match:
        """What a message is; one without a type is what its topic or its body tells."""
        channels = self._channels(exchange, key)
        found = [
            (channel, self._contract.messages[channel.service, name])
            for channel in channels
            for name in channel.messages
            if (channel.service, name) in self._contract.messages
        ]
        if type_ is not None:
            named = [each for each in found if each[1].wire_name == type_]
            return Match(channels, tuple(named))
        return Match(channels, tuple(_untyped(found, channels, body)))

    def _channels(self, exchange: str, key: str) -> tuple[ObservedChannel, ...]:
        place = (exchange, key)
        if place in self._known:
            self._known.move_to_end(place)
            return self._known[place]
        candidates = self._by_exchange.get(exchange, ())
        found = tuple(each for each in candidates if each.pattern.fullmatch(key))
        self._known[place] = found
        if len(self._known) > MOST_TOPICS:
            self._known.popitem(last=False)
        return found


def _untyped(
    found: Sequence[Candidate], channels: Sequence[ObservedChannel], body: Any
) -> list[Candidate]:
    """For each channel its only message, else the first that the body is valid for."""
    chosen: list[Candidate] = []
    for channel in channels:
        own = [each for each in found if each[0] is channel]
        valid = own if len(own) == 1 else [each for each in own if _is_valid(each[1], body)]
        chosen += valid[:1]
    return chosen if len(chosen) < 2 else _fitting(chosen, body)


def _fitting(chosen: list[Candidate], body: Any) -> list[Candidate]:
    """Of a topic on several channels of a service: what the body is valid for, if there is any."""
    fitting = [each for each in chosen if _is_valid(each[1], body)]
    told = {channel.service for channel, _ in fitting}
    return [each for each in chosen if each in fitting or each[0].service not in told]


def _is_valid(message: ObservedMessage, body: Any) -> bool:
    if message.validator is None:
        return not message.is_json and isinstance(body, NoJson)
    if isinstance(body, NoJson):
        return False
    try:
        return bool(message.validator.is_valid(body))
    except (ValueError, TypeError, OverflowError):
        return False
