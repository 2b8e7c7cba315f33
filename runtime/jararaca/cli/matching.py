"""From what a person types as TOPIC to the messages it can mean."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from jararaca.contract.topics import PARAMETER
from jararaca.errors import ConfigurationError, DecodeError
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
    chosen = [each for each in found if name in (None, each.message.MESSAGE_NAME)]
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
            valid.append((candidate, candidate.message.decode(text.encode())))
        except DecodeError as error:
            reasons.append(str(error))
    if len(valid) > 1:
        names = ", ".join(_names(candidate for candidate, _ in valid))
        raise DecodeError(f"valid as each of {names}: choose with --message NAME")
    if not valid:
        raise DecodeError("\n  ".join(reasons))
    return valid[0]


def _names(found: Iterable[Candidate]) -> list[str]:
    return [candidate.message.MESSAGE_NAME for candidate in found]


def _listed(what: str, names: Sequence[str]) -> str:
    return f"{what} {', '.join(names)}" if names else "the application has no messages"
