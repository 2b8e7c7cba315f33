"""Where everything stands in the site: addresses relative to its root, unique and deterministic."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from jararaca_compiler import ir

_NOT_SLUG = re.compile(r"[^\w.-]+")


class PageUrls:
    """Addresses (`shop/messages/OrderPlaced.html#field-total`) of pages and of what is on them."""

    def __init__(self, services: tuple[ir.Service, ...]) -> None:
        self._services = services
        self._single = len(services) == 1
        self._messages: dict[tuple[str, str], str] = {}
        self._anchors: dict[tuple[str, str, str], str] = {}
        self._sharing: dict[tuple[str, str], list[ir.Service]] = {}
        for service in services:
            self._place_messages(service)
            self._take(service, "channel", (c.key for c in service.channels))
            self._take(service, "operation", (o.id for o in service.operations))
            self._take(service, "exchange", (e.name for e in service.topology.exchanges))
            self._take(service, "queue", (q.name for q in service.topology.queues))
            self._take(service, "server", (s.name for s in service.servers))

    def _place_messages(self, service: ir.Service) -> None:
        """A page each; a shared message has that of the first service which has it."""
        files = _unique((m.name, m.class_name) for m in service.messages)
        for m in service.messages:
            at = f"{service.name}/messages/{files[m.name]}.html"
            if m.shared is not None:
                sharing = self._sharing.setdefault((m.shared, m.name), [])
                sharing.append(service)
                at = self._messages.get((sharing[0].name, m.name), at)
            self._messages[service.name, m.name] = at

    def sharing(self, service: ir.Service, message: ir.Message) -> tuple[ir.Service, ...]:
        """The services that have the message, which is one; the first has its page."""
        shared = message.shared
        return (service,) if shared is None else tuple(self._sharing[shared, message.name])

    def is_listed(self, service: ir.Service, message: ir.Message) -> bool:
        """Whether the message's page is the service's, and not another's with the same message."""
        return self.sharing(service, message)[0].name == service.name

    def overview(self, service: ir.Service) -> str:
        """The service's first page, which is the site's where there is only one."""
        return "index.html" if self._single else f"{quote(service.name)}/index.html"

    def page(self, service: ir.Service, name: str) -> str:
        """A page of the service: `channels` or `topology`."""
        return f"{quote(service.name)}/{name}.html"

    def message_named(self, name: str) -> str | None:
        """The page of `OrderPlaced` or `shop.OrderPlaced`."""
        for service in self._services:
            for message in service.messages:
                if name in (message.class_name, f"{service.name}.{message.class_name}"):
                    return self.message(service, message.name)
        return None

    def message(self, service: ir.Service, name: str) -> str:
        """The page of a message, by its name in the service."""
        return quote(self._messages[service.name, name])

    def anchor(self, service: ir.Service, kind: str, name: str) -> str:
        """The fragment of a channel, an operation, an exchange, a queue or a server."""
        return self._anchors.get((service.name, kind, name), f"{kind}-{_slug(name)}")

    def channel(self, service: ir.Service, key: str) -> str:
        return self._at(self.page(service, "channels"), self.anchor(service, "channel", key))

    def operation(self, service: ir.Service, id: str) -> str:
        return self._at(self.page(service, "channels"), self.anchor(service, "operation", id))

    def queue(self, service: ir.Service, name: str) -> str:
        return self._at(self.page(service, "topology"), self.anchor(service, "queue", name))

    def exchange(self, service: ir.Service, name: str) -> str:
        return self._at(self.page(service, "topology"), self.anchor(service, "exchange", name))

    def server(self, service: ir.Service, name: str) -> str:
        return self._at(self.overview(service), self.anchor(service, "server", name))

    def _at(self, page: str, anchor: str) -> str:
        return f"{page}#{quote(anchor)}"

    def _take(self, service: ir.Service, kind: str, names: Iterable[str]) -> None:
        for name, slug in _unique((name, f"{kind}-{_slug(name)}") for name in names).items():
            self._anchors[service.name, kind, name] = slug


def _slug(name: str) -> str:
    return _NOT_SLUG.sub("-", name).strip("-") or "default"


def _unique(wanted: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Names -> slugs that differ by more than capitals (some file systems see no others)."""
    taken: set[str] = set()
    result: dict[str, str] = {}
    for name, slug in wanted:
        if name in result:
            continue
        candidate, number = slug, 2
        while candidate.casefold() in taken:
            candidate, number = f"{slug}-{number}", number + 1
        taken.add(candidate.casefold())
        result[name] = candidate
    return result
