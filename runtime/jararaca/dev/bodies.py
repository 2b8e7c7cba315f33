"""Bodies to begin with: the document's examples, and the smallest and the fullest valid ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from jararaca.contract.topics import PARAMETER
from jararaca.errors import JararacaError
from jararaca.messages.base_message import from_json, to_json
from jararaca.messages.message import Message
from jararaca.messages.model import Model
from jararaca.testing.payloads import generated
from jararaca.testing.schemas import ImpossibleError, Maker

MOST_TRIES = 40
MOST_LETTERS = 1_000_000
NOT_MADE = (ImpossibleError, JararacaError, ValueError, TypeError, RecursionError)
"""What an attempt that comes to nothing may raise."""


class ReadableMaker(Maker):
    """Makes values whose texts are read as examples."""

    def letters(self, shortest: int, longest: int) -> str:
        """`text`, as often as it takes. Raises ImpossibleError for more than fits a message."""
        if shortest > MOST_LETTERS:
            raise ImpossibleError(f"a text as long as {shortest}")
        return ("text" * (shortest // 4 + 1))[: max(shortest, min(longest, 4))]


def variants_of(
    kind: type[Message], examples: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]]:
    """What a form offers; those that are made are marked, and say so where they are not valid."""
    parameters = {name: _value(kind, name) for name in PARAMETER.findall(kind.MESSAGE_TOPIC)}
    made: list[Mapping[str, Any]] = []
    for name, optional in (("Minimal", 0.0), ("Full", 1.0)):
        payload, is_valid = _payload(kind, optional)
        if any(each["payload"] == payload for each in made):
            continue
        headers = {} if kind.MESSAGE_HEADERS is None else _headers(kind.MESSAGE_HEADERS, optional)
        variant = {"payload": payload, "headers": headers, "parameters": parameters}
        made.append({"name": name, "made": True, "valid": is_valid, **variant})
    return [*examples, *made]


def _payload(kind: type[Message], optional: float) -> tuple[Any, bool]:
    """A body and whether it is valid; {} where not even an attempt is made."""
    last: Any = {}
    try:
        if optional == 0.0 and _is_valid(kind, {}):
            return {}, True
        schema = kind.model_json_schema()
        for seed in range(MOST_TRIES):
            try:
                last = _made(schema, optional, seed)
            except NOT_MADE:
                continue
            if _is_valid(kind, last):
                return last, True
        return json.loads(to_json(generated(kind))), True
    except NOT_MADE:
        return last, False


def _is_valid(kind: type[Message], payload: Any) -> bool:
    try:
        from_json(kind, json.dumps(payload).encode())
    except NOT_MADE:
        return False
    return True


def _headers(model: type[Model], optional: float) -> Mapping[str, Any]:
    try:
        made = _made(model.model_json_schema(), optional, 0)
    except NOT_MADE:
        return {}
    return made if isinstance(made, dict) else {}


def _made(schema: Mapping[str, Any], optional: float, seed: int) -> Any:
    return ReadableMaker(Random(seed), _text_of_patterns(), optional).value(schema)


def _text_of_patterns() -> Callable[[str, Random], str]:
    """A text of a regular expression; without polyfactory an empty one, for the developer."""
    try:
        from jararaca.testing.polyfactory import text_of_pattern
    except ImportError:
        return lambda pattern, random: ""
    return text_of_pattern


def _value(kind: type[Message], name: str) -> str:
    """A parameter's value to begin with; none for one that the message has itself."""
    listed = kind.MESSAGE_PARAMETERS.get(name)
    if listed:
        return str(listed[0])
    return "" if name in kind.MESSAGE_LOCATIONS else "".join(filter(str.isalnum, name)) or "value"
