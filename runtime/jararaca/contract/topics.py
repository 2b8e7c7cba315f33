"""Topics: a channel's address with `{parameters}`, and the routing key that it becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jararaca.errors import PublishParameterError

PARAMETER = re.compile(r"\{([^{}]+)\}")
MAX_ROUTING_KEY = 255


def routing_key(topic: str, parameters: Mapping[str, str]) -> str:
    """The topic with its parameters filled in; each is one word: not empty, no dot, `*` or `#`.

    Raises PublishParameterError.
    """
    if "{" not in topic:
        if parameters:
            raise PublishParameterError(f"{topic} has no parameters, got {', '.join(parameters)}")
        return topic
    names = PARAMETER.findall(topic)
    unknown = sorted(set(parameters) - set(names))
    missing = [name for name in names if name not in parameters]
    if unknown or missing:
        raise PublishParameterError(
            f"{topic} takes {', '.join(names)}, got {', '.join(parameters)}"
        )
    key = PARAMETER.sub(lambda match: _word(match[1], parameters[match[1]]), topic)
    if len(key.encode()) > MAX_ROUTING_KEY:
        raise PublishParameterError(f"{topic}: the routing key is longer than 255 bytes")
    return key


def binding_key(topic: str) -> str:
    """The key that binds a queue to a topic: each word with a parameter is `*`."""
    return ".".join("*" if "{" in word else word for word in topic.split("."))


def values(
    parameters: tuple[tuple[str, int] | tuple[str, int, str], ...], key: str
) -> dict[str, str]:
    """The parameters' values in a routing key, by the index of their words.

    One that is a part of its word is the group of its pattern; it is left out of other words.
    """
    if not parameters:
        return {}
    words = key.split(".")
    found: dict[str, str] = {}
    for parameter in parameters:
        if parameter[1] < len(words):
            word = words[parameter[1]]
            if len(parameter) == 2:
                found[parameter[0]] = word
            elif match := re.fullmatch(parameter[2], word):
                found[parameter[0]] = match[1]
    return found


def matches(pattern: str, key: str) -> bool:
    """Whether a binding key (`*` one word, `#` any number) matches a routing key."""
    return _match(pattern.split("."), key.split("."))


def _match(pattern: list[str], words: list[str]) -> bool:
    for index, part in enumerate(pattern):
        if part == "#":
            rest = pattern[index + 1 :]
            return any(_match(rest, words[start:]) for start in range(index, len(words) + 1))
        if index >= len(words) or part not in ("*", words[index]):
            return False
    return len(pattern) == len(words)


def _word(name: str, value: str) -> str:
    # An enumeration's text is its value, whatever its class makes of `str()`.
    word = str.__str__(value) if isinstance(value, str) else str(value)
    if not word or any(character in word for character in ".*#"):
        raise PublishParameterError(
            f"parameter {name} is {word!r}: it must be one word, not empty, without '.', '*' or '#'"
        )
    return word
