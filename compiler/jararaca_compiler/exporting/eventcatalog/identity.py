"""What is one thing in the catalogue: messages and channels of all services, and their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jararaca_compiler import ir
from jararaca_compiler.emit.site.endpoints import Endpoints, exchange_of

Collection = Literal["events", "commands", "queries"]
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_BRACES = re.compile(r"[{}]")
_SEMVER = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+][0-9A-Za-z.+-]+)?")
NO_VERSION = "0.0.0"


@dataclass(frozen=True, slots=True)
class Named:
    """A message as the catalogue has it: whose it is, its id, and the folder that it is in."""

    service: ir.Service
    message: ir.Message
    id: str
    collection: Collection


class Identities:
    """A message belongs to who sends it: who takes it from another service has no second one."""

    def __init__(self, services: Sequence[ir.Service]) -> None:
        self._services = services
        self._endpoints = Endpoints(tuple(services))
        self._taken: set[str] = {slug(service.name).casefold() for service in services}
        self._messages: dict[tuple[str, str], Named] = {}
        self._channels: dict[tuple[str, str], str] = {}
        self._shared: dict[tuple[str, str], tuple[str, str]] = {}
        for service in services:
            for message in service.messages:
                self._own(service, message)
        self._name_channels()

    def messages(self) -> tuple[Named, ...]:
        """All of them, each once."""
        return tuple({named.id: named for named in self._messages.values()}.values())

    def message(self, service: ir.Service, name: str) -> Named:
        """What a message of the service is in the catalogue."""
        message = next(each for each in service.messages if each.name == name)
        return self._own(service, message)

    def channel(self, service: ir.Service, channel: ir.Channel) -> str:
        """The id of the channel; one address on one exchange is one channel."""
        return self._channels[_place(service, channel)]

    def _own(self, service: ir.Service, message: ir.Message) -> Named:
        key = service.name, message.name
        if key in self._messages:
            return self._messages[key]
        if message.shared is not None:
            first = self._shared.setdefault((message.shared, message.name), key)
            if first != key:
                self._messages[key] = self._messages[first]
                return self._messages[key]
        senders = self._endpoints.senders(service, message)
        sender = senders[0] if senders else None
        if sender is not None and (sender.service.name, sender.message.name) != key:
            self._messages[key] = self._own(sender.service, sender.message)
        else:
            name = self._unique(message.name, service)
            self._messages[key] = Named(service, message, name, _collection(message))
        return self._messages[key]

    def _name_channels(self) -> None:
        for service in self._services:
            for channel in service.channels:
                place = _place(service, channel)
                if place not in self._channels:
                    self._channels[place] = self._unique(channel.address or channel.key, service)

    def _unique(self, wanted: str, service: ir.Service) -> str:
        candidate, number = slug(wanted), 2
        if candidate.casefold() in self._taken:
            candidate = stem = f"{slug(service.name)}.{candidate}"
            while candidate.casefold() in self._taken:
                candidate, number = f"{stem}-{number}", number + 1
        self._taken.add(candidate.casefold())
        return candidate


def slug(text: str) -> str:
    """A name of a folder and of an address: letters, digits, dots, hyphens."""
    return _UNFIT.sub("-", _BRACES.sub("", text)).strip("-.") or "unnamed"


def version_of(text: str) -> str:
    """A version by the rules of semver.org, which EventCatalog's linter asks for."""
    found = _SEMVER.fullmatch(text.strip())
    if found is None:
        return f"{NO_VERSION}-{slug(text)}" if text.strip() else NO_VERSION
    numbers = (str(int(found[part] or 0)) for part in (1, 2, 3))
    return ".".join(numbers) + (found[4] or "")


def _place(service: ir.Service, channel: ir.Channel) -> tuple[str, str]:
    return (
        exchange_of(service, channel.exchange),
        channel.address or f"{service.name} {channel.key}",
    )


def _collection(message: ir.Message) -> Collection:
    if message.kind != "task":
        return "events"
    return "queries" if message.replies else "commands"
