"""Who owns a service or a message, in which domain, in which state: from its extensions.

The names are those that documents of the field use; docs/authoring.md lists them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jararaca_compiler import ir

OWNERS = ("x-owners", "x-owner")
"""Where a document names owners, the first key first."""
_DOMAINS = ("x-domain",)
_STATES = ("x-status", "x-lifecycle")
_VERSIONS = ("x-version", "x-eventcatalog-message-version")
SHOWN = frozenset({*OWNERS, *_DOMAINS, *_STATES, *_VERSIONS})
"""The extensions that a header shows: they are not listed with the others."""


@dataclass(frozen=True, slots=True)
class About:
    """What a header tells; empty where the document says nothing."""

    owners: tuple[str, ...] = ()
    domain: str = ""
    status: str = ""
    version: str = ""


def of_service(service: ir.Service) -> About:
    """A service's, from the document's first level or from its `info`."""
    info = service.metadata.get("info")
    return _about({**service.metadata, **(info if isinstance(info, dict) else {})})


def of_message(service: ir.Service, message: ir.Message) -> About:
    """A message's; owners and domain are the service's where it has none of its own."""
    own, around = _about(message.metadata), of_service(service)
    return About(own.owners or around.owners, own.domain or around.domain, own.status, own.version)


def _about(said: Mapping[str, Any]) -> About:
    return About(
        tuple(dict.fromkeys(name for key in OWNERS for name in _names(said.get(key)))),
        _first(said, _DOMAINS),
        _first(said, _STATES),
        _first(said, _VERSIONS),
    )


def _first(said: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((name for key in keys for name in _names(said.get(key))), "")


def _names(value: Any) -> Iterator[str]:
    """A text, a number, an object with a name or an id, or a list of such."""
    if isinstance(value, list):
        for item in value:
            yield from _names(item)
    elif isinstance(value, dict):
        yield from _names(value.get("name", value.get("id")))
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and str(value):
        yield str(value)
