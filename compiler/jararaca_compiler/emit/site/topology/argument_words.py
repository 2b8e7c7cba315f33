"""Arguments of queues in words: `x-delivery-limit 20` is `delivered at most 20 times`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jararaca_compiler.emit.site.topology.amounts import age, counted, size, span
from jararaca_compiler.ir import Arguments

_VALUES: Mapping[str, Mapping[object, str]] = {
    "x-queue-type": {"quorum": "quorum queue", "classic": "classic queue", "stream": "stream"},
    "x-single-active-consumer": {True: "one consumer at a time"},
    "x-dead-letter-strategy": {
        "at-least-once": "no dead letter is lost",
        "at-most-once": "dead letters may be lost on their way",
    },
    "x-overflow": {
        "reject-publish": "refuses messages when full",
        "reject-publish-dlx": "dead-letters new messages when full",
        "drop-head": "drops the oldest when full",
    },
    "x-queue-leader-locator": {
        "balanced": "leaders spread over the nodes",
        "client-local": "led by the node that declares it",
    },
}
_AMOUNTS: Mapping[str, Callable[[Any], str]] = {
    "x-delivery-limit": lambda value: f"delivered at most {counted(int(value), 'time')}",
    "x-max-length": lambda value: f"at most {counted(int(value), 'message')}",
    "x-max-length-bytes": lambda value: f"at most {size(int(value))}",
    "x-max-age": lambda value: f"keeps for {age(str(value))}",
    "x-message-ttl": lambda value: f"messages expire after {span(int(value))}",
    "x-expires": lambda value: f"deleted after {span(int(value))} without use",
    "x-max-priority": lambda value: f"priorities up to {int(value)}",
    "x-stream-max-segment-size-bytes": lambda value: f"in segments of {size(int(value))}",
    "x-dead-letter-exchange": lambda value: f"dead letters go to {value or 'the default exchange'}",
    "x-dead-letter-routing-key": lambda value: f"dead letters have the key {value}",
    "alternate-exchange": lambda value: f"what no queue is bound for goes to {value}",
}
_FIRST = "x-queue-type"


def in_words(arguments: Arguments) -> str:
    """All of them, the kind of queue first; what has no words stands as it is declared."""
    ordered = sorted(arguments, key=lambda pair: pair[0] != _FIRST)
    return ", ".join(_words(name, value) for name, value in ordered)


def _words(name: str, value: object) -> str:
    known = _VALUES.get(name, {}).get(value) if isinstance(value, str | bool) else None
    if known is None and name in _AMOUNTS:
        try:
            known = _AMOUNTS[name](value)
        except (ValueError, TypeError, KeyError, IndexError):
            known = None
    return known or f"{name} {value}"
