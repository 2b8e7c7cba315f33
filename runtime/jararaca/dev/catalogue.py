"""The messages that the desk knows: how each is published, who handles it, where its page is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from jararaca.application.microservice import Microservice
from jararaca.cli.message_lookup import parameters_of
from jararaca.contract.topics import PARAMETER
from jararaca.handlers.decorators import spec_of
from jararaca.messages.message import Message
from jararaca.routing.examples import examples_of
from jararaca.routing.table import Route, Service

MOST_WORDS = 300
"""Characters of a header's description."""


class Catalogue:
    """Every message of every service, by `service/Class`."""

    def __init__(self, microservice: Microservice) -> None:
        self._places = {
            f"{service.name}/{message.__name__}": (service, message)
            for service in microservice.services
            for message in service.messages
        }
        self.kinds: Mapping[str, type[Message]] = {
            id: kind for id, (_, kind) in self._places.items()
        }
        self._ids: dict[str, list[str]] = {}
        for id, kind in self.kinds.items():
            self._ids.setdefault(kind.MESSAGE_NAME, []).append(id)
        self._handlers: dict[str, list[str]] = {}
        self._waiting: dict[str, list[str]] = {}
        self._services: dict[str, str] = {}
        for service in microservice.services:
            for route in service.routes:
                found = self._waiting if spec_of(route.handler).stub else self._handlers
                found.setdefault(route.message.MESSAGE_NAME, []).append(_name(route))
                self._services[route.queue] = service.name

    def listed(self) -> Sequence[dict[str, Any]]:
        """What the list of messages shows."""
        return [
            {
                "id": id,
                "name": kind.__name__,
                "service": service.name,
                "title": service.title,
                "topic": kind.MESSAGE_TOPIC,
                "kind": "request" if kind.MESSAGE_REPLIES else kind.MESSAGE_TYPE,
                "handlers": self._handlers.get(kind.MESSAGE_NAME, []),
                "stubs": self._waiting.get(kind.MESSAGE_NAME, []),
            }
            for id, (service, kind) in self._places.items()
        ]

    def described(self, id: str) -> dict[str, Any] | None:
        """What the form of a message needs; None for one that is not known."""
        from jararaca.dev.bodies import variants_of

        if id not in self._places:
            return None
        service, kind = self._places[id]
        return {
            "id": id,
            "page": f"/{quote(service.name)}/messages/{quote(kind.__name__)}.html",
            "answers": [self._called(name) for name in kind.MESSAGE_REPLIES],
            "contentType": kind.MESSAGE_CONTENT_TYPE,
            "parameters": [_parameter(kind, n) for n in PARAMETER.findall(kind.MESSAGE_TOPIC)],
            "headers": _headers(kind),
            "variants": variants_of(kind, _examples(service, kind)),
        }

    def known_as(self, name: str | None, topic: str) -> tuple[str | None, Mapping[str, str]]:
        """Which message a type and a topic are, and the values of the topic's parameters."""
        ids = self._ids.get(name or "", [])
        for id in ids:
            found = parameters_of(self.kinds[id].MESSAGE_TOPIC, topic)
            if found is not None:
                return id, found
        return (ids[0] if ids else None), {}

    def _called(self, name: str) -> str:
        """A message's class, by which a developer knows it."""
        ids = self._ids.get(name)
        return self.kinds[ids[0]].__name__ if ids else name

    def service_of(self, queue: str) -> str | None:
        """Whose queue it is."""
        return self._services.get(queue)


def _examples(service: Service, kind: type[Message]) -> Sequence[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "payload": each.payload,
            "headers": dict(each.headers),
            "parameters": dict(each.parameters),
        }
        for each in examples_of(service)
        if each.message == kind.MESSAGE_NAME
    ]


def _name(route: Route) -> str:
    return f"{route.controller.__qualname__}.{route.handler.__name__}"


def _parameter(kind: type[Message], name: str) -> dict[str, Any]:
    return {
        "name": name,
        "values": list(kind.MESSAGE_PARAMETERS.get(name, ())),
        "located": kind.MESSAGE_LOCATIONS.get(name),
    }


def _headers(kind: type[Message]) -> Sequence[dict[str, Any]]:
    if kind.MESSAGE_HEADERS is None:
        return []
    schema = kind.MESSAGE_HEADERS.model_json_schema()
    required = schema.get("required", ())
    return [
        {
            "name": name,
            "type": _type(told),
            "required": name in required,
            "about": str(told.get("description", ""))[:MOST_WORDS],
        }
        for name, told in schema.get("properties", {}).items()
        if isinstance(told, dict)
    ]


def _type(told: Mapping[str, Any]) -> str:
    """What a field of the form takes: a text as it stands, or any other value as JSON."""
    kinds = {told.get("type"), *(each.get("type") for each in told.get("anyOf", ()))} - {None}
    return "string" if not kinds or "string" in kinds else "json"
