"""The schemas that messages share: called by their classes, and by a message where two differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jararaca_compiler.importing.discovery import REFERENCE


def with_shared(message: str, schema: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """A message's schema without its `$defs`, which go into `shared`.

    Two classes may have one name, in modules of their own. The second is called by the message
    that leads to it too: `OrderPlacedAddress`.
    """
    parts = schema.pop("$defs", {})
    names = _names(re.sub(r"\W", "", message), parts, shared)
    shared.update({names[name]: _renamed(part, names) for name, part in parts.items()})
    made: dict[str, Any] = _renamed(schema, names)
    return made


def _names(message: str, parts: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, str]:
    """What each part is called; another name may make whoever refers to it another one."""
    names = {name: name for name in parts}
    while True:
        found = {
            name: _name(name, names[name], message, _renamed(part, names), shared)
            for name, part in parts.items()
        }
        if found == names:
            return names
        names = found


def _name(name: str, known_as: str, message: str, part: Any, shared: Mapping[str, Any]) -> str:
    """Its own name, else that of an equal one, else one of the message's; never back again."""
    if known_as == message + name or shared.get(known_as, part) == part:
        return known_as
    if known_as != name:
        return message + name
    same = (each for each, other in shared.items() if each.endswith(name) and other == part)
    return next(same, message + name)


def _renamed(schema: Any, names: Mapping[str, str]) -> Any:
    """A schema whose references, those of a discriminator's mapping too, say the new names."""
    if isinstance(schema, list):
        return [_renamed(item, names) for item in schema]
    if isinstance(schema, dict):
        return {key: _renamed(value, names) for key, value in schema.items()}
    if isinstance(schema, str) and schema.startswith(REFERENCE):
        name = schema.removeprefix(REFERENCE)
        return REFERENCE + names.get(name, name)
    return schema
