"""Keys of channels, operations and messages: from what they are called, and where they stand."""

from __future__ import annotations

import re
from dataclasses import replace

from jararaca_compiler.discovering.stream import Stream
from jararaca_compiler.discovering.topics import Pattern
from jararaca_compiler.listening.broker.description import Exchange
from jararaca_compiler.naming import snake

KEYLESS = ("fanout", "headers")


def camel(text: str) -> str:
    """`order.placed` -> orderPlaced; a key that fits everywhere."""
    parts = [part for part in snake(re.sub(r"[^0-9A-Za-z]+", "_", text)).split("_") if part]
    first, *rest = parts or ["message"]
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def title(text: str) -> str:
    """`orderPlaced` -> Order placed."""
    words = snake(re.sub(r"[^0-9A-Za-z]+", "_", text)).replace("_", " ").strip()
    return words[:1].upper() + words[1:] if words else "Messages"


def with_addresses(patterns: list[Pattern], exchange: Exchange) -> list[Pattern]:
    """An exchange that looks at no routing key mostly gets none: its channel is called as it is."""
    if exchange.routes_as not in KEYLESS:
        return patterns
    return [
        replace(each, words=(camel(exchange.name),)) if each.words == ("",) else each
        for each in patterns
    ]


class Names:
    """The names of an exchange's patterns; a message of one name on several channels is one."""

    def __init__(self, patterns: list[Pattern]) -> None:
        self.messages: dict[str, Stream] = {}
        self._keys: dict[int, str] = {}
        self._channels: dict[str, str] = {}
        for pattern in patterns:
            self._channels[pattern.address] = _free(
                camel(_literal(pattern)), set(self._channels.values())
            )
            for stream in pattern.streams.values():
                self._add(pattern, stream)

    def _add(self, pattern: Pattern, stream: Stream) -> None:
        """One that the publisher names has its name alone; others are called as their topic."""
        key = camel(stream.name or _literal(pattern))
        known = self.messages.get(key)
        if known is not None and not (stream.name and known.name == stream.name):
            key = _free(f"{key}{_special(stream, known)}", set(self.messages))
            known = None
        if known is None:
            known = self.messages.setdefault(key, Stream())
        known.merge(stream)
        self._keys[id(stream)] = key

    def key(self, stream: Stream) -> str:
        """The key of a stream's message."""
        return self._keys[id(stream)]

    def keys(self, pattern: Pattern) -> list[str]:
        """The keys of all messages of a channel."""
        return sorted({self.key(stream) for stream in pattern.streams.values()})

    def channel(self, pattern: Pattern) -> str:
        """The channel's key."""
        return self._channels[pattern.address]

    def operation(self, pattern: Pattern, is_task: bool) -> str:
        """The operation's key: what one does there."""
        channel = self.channel(pattern)
        verb = "request" if is_task else "on"
        return f"{verb}{channel[:1].upper()}{channel[1:]}"


def _literal(pattern: Pattern) -> str:
    """The words of a topic that are always the same."""
    words = [word for word in pattern.words if word]
    return ".".join(words) or "anything"


def _special(stream: Stream, other: Stream) -> str:
    """What a message without a name has, and the other of its topic has not."""
    own = sorted(set(stream.body.fields) - set(other.body.fields))
    return f"With{camel(own[0])[:1].upper()}{camel(own[0])[1:]}" if own else "Other"


def _free(wanted: str, taken: set[str]) -> str:
    if wanted not in taken:
        return wanted
    return next(f"{wanted}{n}" for n in range(2, 10_000) if f"{wanted}{n}" not in taken)
