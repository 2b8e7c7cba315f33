"""Our extensions: where each stands, and what is wrong with one that is misspelt or misplaced."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_FORMS = {
    **dict.fromkeys(("x-message-type", "x-message-topic", "x-message-action"), "a text"),
    **dict.fromkeys(("x-service", "x-handlers", "x-channel", "x-on-invalid"), "a text"),
    **dict.fromkeys(("x-schedule", "x-partitions", "x-stream"), "a mapping"),
}
_TRAITS = ("the message trait", "the operation trait")
_OF_MESSAGES = ("the message", "the message trait")
_PLACES = {
    "x-handlers": ("the operation", "the operation trait"),
    "x-on-invalid": _OF_MESSAGES,
    "x-partitions": ("the channel", *_OF_MESSAGES),
    "x-schedule": _OF_MESSAGES,
    "x-stream": ("the channel",),
}
"""Where those stand that are nobody else's."""

_BINDINGS = (
    *("the AMQP channel binding", "the AMQP operation binding", "the AMQP message binding"),
    *("the exchange", "the queue"),
)
"""None of ours is there, and a key that does not fit is published as `x-messageType`."""
BESIDE_REFERENCE = "the mapping beside its `$ref`"
ONE_LETTER = 0.92
"""How alike a misspelt extension is: further off it is somebody else's, like `x-channelId`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong: a diagnostic's code, its help, and values for its text."""

    code: str
    help: str | None
    values: Mapping[str, Any] = field(default_factory=dict)


def problem_of_extension(name: str, value: Any, where: str) -> Problem | None:
    """What is wrong with an extension that stands in `where`; None for nothing, or another's."""
    if where == BESIDE_REFERENCE:
        help = "Write it at what the `$ref` leads to."
        return Problem("unknown-key", help) if name in _PLACES else None
    close = difflib.get_close_matches(name.lower(), _FORMS, n=1, cutoff=ONE_LETTER)
    if not close:
        return None
    if close[0] != name and where in _BINDINGS:
        return None
    if close[0] != name:
        return Problem("misspelt-key", f"Did you mean `{close[0]}`?")
    if where not in (places := _PLACES.get(name, (where,))):
        return Problem("unknown-key", f"Write it on {places[0]}.")
    if value is None and where not in _TRAITS:  # A trait's null takes a key away.
        return Problem("wrong-type", None, {"actual": "empty", "expected": _FORMS[name]})
    return None
