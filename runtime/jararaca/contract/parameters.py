"""What a topic's parameters may be: the values that are listed, and those that a message has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jararaca.contract.expressions import value_at


def with_located(
    given: Mapping[str, str], locations: Mapping[str, str], headers: Mapping[str, Any], body: bytes
) -> Mapping[str, str]:
    """The parameters, and those that are left out and stand in the message itself."""
    missing = {name: at for name, at in locations.items() if name not in given}
    found = {name: value_at(at, headers, body) for name, at in missing.items()}
    return {**given, **{name: value for name, value in found.items() if value is not None}}


def violations(
    values: Mapping[str, str],
    allowed: Mapping[str, Sequence[str]],
    locations: Mapping[str, str],
    headers: Mapping[str, Any],
    body: bytes,
) -> Iterator[str]:
    """Why values are not what the document says, each in a few words."""
    for name, value in values.items():
        listed = allowed.get(name)
        if listed and value not in listed:
            yield f"parameter {name} is {value!r}: it is one of {', '.join(listed)}"
        if name in locations:
            own = value_at(locations[name], headers, body)
            if own is not None and own != value:
                # What stands in the message is told to nobody.
                yield f"parameter {name} is {value!r}, and {locations[name]} is another value"
