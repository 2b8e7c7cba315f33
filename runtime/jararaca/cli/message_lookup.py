"""From what a person types as TOPIC to the messages it can mean."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from jararaca.contract.topics import PARAMETER
from jararaca.errors import ConfigurationError, DecodeError
from jararaca.messages.base_message import from_json, to_json
from jararaca.messages.message import Message


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message class that a topic can mean, with the values of the topic's parameters."""

    message: type[Message]
    parameters: dict[str, str]


def candidates(messages: Sequence[type[Message]], topic: str, name: str | None) -> list[Candidate]:
    """The messages of `topic`, concrete or as the document writes it; `name` narrows them down.

    Raises ConfigurationError with the nearest topics, or the names that there are.
    """
    found = [
        Candidate(message, values)
        for message in messages
        if (values := parameters_of(message.MESSAGE_TOPIC, topic)) is not None
    ]
    if not found:
        known = sorted({message.MESSAGE_TOPIC for message in messages})
        near = get_close_matches(topic, known, n=3) or known[:10]
        raise ConfigurationError(f"no message has the topic {topic}; {_listed('there is', near)}")
    chosen = [each for each in found if name in (None, *_called(each.message))]
    if not chosen:
        raise ConfigurationError(
            f"{topic} carries no {name}; {_listed('it carries', _names(found))}"
        )
    return chosen


def parameters_of(topic: str, key: str) -> dict[str, str] | None:
    """The parameters' values in a concrete topic; {} for the topic itself, None for another."""
    if topic == key:
        return {}
    pieces = PARAMETER.split(topic)
    pattern = "".join(
        rf"(?P<p{index}>[^.*#]+)" if index % 2 else re.escape(piece)
        for index, piece in enumerate(pieces)
    )
    match = re.fullmatch(pattern, key)
    if match is None:
        return None
    return {name: match[f"p{2 * index + 1}"] for index, name in enumerate(pieces[1::2])}


def decoded(found: Sequence[Candidate], text: str) -> tuple[Candidate, Message]:
    """The candidate that a JSON text is valid for, and the message. Raises DecodeError."""
    try:
        json.loads(text)
    except ValueError as error:
        raise DecodeError(f"not JSON: {error}\n  {text[:200]}") from error
    valid, reasons = [], []
    for candidate in found:
        try:
            valid.append((candidate, from_json(candidate.message, text.encode())))
        except DecodeError as error:
            reasons.append(str(error))
    if not valid:
        raise DecodeError("\n  ".join(reasons))
    if any(_on_the_wire(message) != _on_the_wire(valid[0][1]) for _, message in valid):
        names = ", ".join(_names(candidate for candidate, _ in valid))
        raise DecodeError(f"valid as each of {names}: choose with --message NAME")
    return valid[0]


def _on_the_wire(message: Message) -> tuple[object, ...]:
    """What a publication of it says: two services' classes of one message say the same."""
    return (
        message.MESSAGE_NAME,
        message.MESSAGE_EXCHANGE,
        message.MESSAGE_CONTENT_TYPE,
        message.MESSAGE_TERMS,
        message.MESSAGE_PRIORITY,
        message.MESSAGE_REPLY_TO,
        json.loads(to_json(message)),
    )


def _names(found: Iterable[Candidate]) -> list[str]:
    """The messages' names; where two share one, the classes, which `--message` takes too."""
    kinds = [candidate.message for candidate in found]
    names = [kind.MESSAGE_NAME for kind in kinds]
    return [
        name if names.count(name) == 1 else _called(kind)[1]
        for name, kind in zip(names, kinds, strict=True)
    ]


def _called(kind: type[Message]) -> tuple[str, str]:
    """What a message can be chosen by: its name, and its class."""
    return kind.MESSAGE_NAME, f"{kind.__module__}.{kind.__qualname__}"


def _listed(what: str, names: Sequence[str]) -> str:
    return f"{what} {', '.join(names)}" if names else "the application has no messages"
