"""A heard message as it may be kept: without what is sensitive, and as valid as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jararaca_compiler.listening.heard import OURS
from jararaca_compiler.observing.contract import ObservedChannel, ObservedMessage
from jararaca_compiler.observing.judging import violations
from jararaca_compiler.observing.places import ITEM, Place, Places, child, step_of
from jararaca_compiler.observing.recording.disguise import Disguise
from jararaca_compiler.observing.recording.sensitive import is_sensitive

MOST_ATTEMPTS = 16
"""How often other values are tried until the message is as valid as it was."""


def masked(
    channel: ObservedChannel,
    message: ObservedMessage,
    routing_key: str,
    headers: Mapping[str, Any],
    body: Any,
    key: bytes,
) -> tuple[str, dict[str, Any], Any] | None:
    """Topic, headers and body to keep; None where no disguise is as valid as the original.

    Masked are the places with `x-sensitive`, those with telling names, and whatever no document
    declares. The same value becomes the same everywhere, so that what belongs together stays so.
    """
    before = set(violations(message, channel, routing_key, headers, body))
    for attempt in range(MOST_ATTEMPTS):
        disguise = Disguise(key, attempt)
        topic = _topic(channel, message.places, routing_key, disguise)
        kept = _headers(headers, disguise)
        value = _value(body, "", message.places, disguise)
        after = set(violations(message, channel, topic, kept, value))
        if {reason for _, reason in after} <= {reason for _, reason in before}:
            return topic, kept, value
    return None


def _value(value: Any, at: str, places: Places, disguise: Disguise) -> Any:
    place = places.get(at)
    if place is None:
        return disguise.value(value)
    if place.is_sensitive or _has_telling_name(at):
        return _disguised(value, place, disguise)
    if isinstance(value, list):
        return [_value(item, child(at, ITEM), places, disguise) for item in value]
    if isinstance(value, dict):
        return {
            _name(name, place, disguise): _of(name, item, at, places, disguise)
            for name, item in value.items()
        }
    return value


def _name(name: str, place: Place, disguise: Disguise) -> str:
    """The keys of a map are values, too."""
    if name in place.properties:
        return name
    return disguise.text(name) if place.has_map else disguise.name(name)


def _of(name: str, value: Any, at: str, places: Places, disguise: Disguise) -> Any:
    step = step_of(places, at, name)
    if step not in places or is_sensitive(name):
        declared = places.get(step, Place())
        return _disguised(value, declared, disguise)
    return _value(value, step, places, disguise)


def _disguised(value: Any, place: Place, disguise: Disguise) -> Any:
    """A declared value for one that is declared: of an enum, another of it."""
    if isinstance(value, str) and value in place.enum:
        return disguise.choice(value, sorted(place.enum))
    return disguise.value(value)


def _has_telling_name(at: str) -> bool:
    return is_sensitive(at.rpartition(".")[2].removesuffix(ITEM))


def _headers(headers: Mapping[str, Any], disguise: Disguise) -> dict[str, Any]:
    """Those that are texts, numbers or flags; no name of ours, which says how it was moved."""
    return {
        name: disguise.value(value) if is_sensitive(name) else value
        for name, value in headers.items()
        if not name.startswith(OURS) and isinstance(value, str | int | float | bool)
    }


def _topic(channel: ObservedChannel, places: Places, key: str, disguise: Disguise) -> str:
    """Parameters that are sensitive, or are where the body has something sensitive."""
    matched = channel.pattern.fullmatch(key)
    if matched is None:
        return key
    locations = {each.name: each.location or "" for each in channel.parameters}
    made, end = "", 0
    for number, name in enumerate(channel.names, 1):
        where = locations.get(name, "").rpartition("#/")[2].replace("/", ".")
        place = places.get(where) if where else None
        hides = is_sensitive(name) or is_sensitive(where) or (place and place.is_sensitive)
        value = matched[number]
        made += key[end : matched.start(number)] + (disguise.text(value) if hides else value)
        end = matched.end(number)
    return made + key[end:]
