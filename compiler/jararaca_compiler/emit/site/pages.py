"""The pages: what each template is given, and the path that it is written to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from jararaca_shared.settings import OUTPUT
from jinja2 import Environment, PackageLoader, StrictUndefined

from jararaca_compiler import ir
from jararaca_compiler.emit.site import about, markdown
from jararaca_compiler.emit.site.changelog import ChangeLog
from jararaca_compiler.emit.site.code import python
from jararaca_compiler.emit.site.code.highlight import highlight
from jararaca_compiler.emit.site.code.panels import glance, panels, pretty
from jararaca_compiler.emit.site.diagrams.layout import Drawing
from jararaca_compiler.emit.site.diagrams.link_map import link_map
from jararaca_compiler.emit.site.diagrams.message_flow import service_flow, service_map
from jararaca_compiler.emit.site.diagrams.ways import ways_of
from jararaca_compiler.emit.site.endpoints import Endpoints, exchange_of
from jararaca_compiler.emit.site.groups import groups_of
from jararaca_compiler.emit.site.guide_menu import in_folders
from jararaca_compiler.emit.site.guides import guides_of
from jararaca_compiler.emit.site.links import SiteLinks
from jararaca_compiler.emit.site.observed import SiteObservation
from jararaca_compiler.emit.site.schemas.field_table import FIELD_PREFIX, Row, root_row, rows
from jararaca_compiler.emit.site.schemas.field_tree import tree
from jararaca_compiler.emit.site.schemas.flattening import Lookup
from jararaca_compiler.emit.site.schemas.type_text import value_text
from jararaca_compiler.emit.site.schemas.unsaid import unsaid
from jararaca_compiler.emit.site.topology.amounts import counted
from jararaca_compiler.emit.site.topology.argument_words import in_words
from jararaca_compiler.emit.site.topology.natural import natural
from jararaca_compiler.emit.site.topology.queues import log_of, queue_lines
from jararaca_compiler.emit.site.urls import PageUrls
from jararaca_compiler.project.guides import Guides


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("jararaca_compiler.emit.site"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "markdown": markdown.block,
        "line": markdown.line,
        "plain": markdown.plain,
        "pretty": pretty,
        "value": value_text,
        "counted": counted,
        "breakable": markdown.breakable,
        "highlight": highlight,
        "link_of": markdown.link_of,
        "without": markdown.without,
        "whole": markdown.whole,
        "in_words": in_words,
        "ways_of": ways_of,
    }
    return environment


class Pages:
    """Everything that pages are made of, worked out once."""

    def __init__(
        self,
        services: tuple[ir.Service, ...],
        lookup: Lookup,
        documents: Mapping[str, str],
        packages: Mapping[str, str],
        since: ChangeLog | None,
        links: SiteLinks,
        guides: Guides,
        observed: SiteObservation | None = None,
    ) -> None:
        self.urls = PageUrls(services)
        self._services, self._lookup, self._packages = services, lookup, packages
        self.guides = guides_of(guides, self.urls.message_named)
        self._documents, self._since = sorted(documents), since
        self._links = links
        self._observed = observed
        self.endpoints = Endpoints(services)
        self._rows: dict[tuple[str, str], tuple[Row, ...]] = {}
        self._groups = {service.name: groups_of(service) for service in services}
        self._environment = _environment()
        self._environment.globals |= {
            "urls": self.urls,
            "services": services,
            "groups": self._groups,
            "by_domain": _by_domain(services),
            "about_service": about.of_service,
            "message_count": sum(
                self.urls.is_listed(service, message)
                for service in services
                for message in service.messages
            ),
            "since": since,
            "links": links,
            "guides": in_folders(self.guides),
            "observed": observed,
        }

    def rows_of(self, service: ir.Service, message: ir.Message) -> tuple[Row, ...]:
        """The rows of a message's payload, made once."""
        key = (service.name, message.name)
        if key not in self._rows:
            self._rows[key] = rows(message.payload, self._lookup, FIELD_PREFIX)
        return self._rows[key]

    def rendered(self) -> dict[str, str]:
        """Path -> HTML of all pages."""
        found: dict[str, str] = {}
        if self._since is not None:
            groups = self._since.groups(self._services, self.urls)
            found["changes.html"] = self._render("changes", "changes.html", groups=groups)
        for guide in self.guides:
            path = unquote(guide.url)
            found[path] = self._render("guide", path, guide=guide)
        if self._links.links:
            drawing = link_map(self._links, self._services, self.urls)
            found["links.html"] = self._render("links", "links.html", drawing=drawing)
            found |= self._large_map(drawing)
        if self._observed is not None:
            addresses = self._message_addresses()
            found["observed.html"] = self._render(
                "observed", "observed.html", observed_urls=addresses
            )
        if len(self._services) != 1:
            values = self._catalogue()
            found["index.html"] = self._render("catalogue", "index.html", **values)
            found |= self._large_map(values["drawing"])
        for service in self._services:
            for address, template, values in self._pages(service):
                path = unquote(address)
                found[path] = self._render(template, path, service=service, **values)
        return found

    def _message_addresses(self) -> dict[tuple[str, str], str]:
        return {
            (service.name, message.name): self.urls.message(service, message.name)
            for service in self._services
            for message in service.messages
            if self.urls.is_listed(service, message)
        }

    def _large_map(self, drawing: Drawing | None) -> dict[str, str]:
        if drawing is None or not drawing.is_tall:
            return {}
        words = {"title": "Who publishes what to whom", "label": "Map of the services"}
        return {"map.html": self._render("flow", "map.html", drawing=drawing, **words)}

    def _render(self, template: str, path: str, **values: Any) -> str:
        root = "../" * path.count("/")
        return self._environment.get_template(f"{template}.j2").render(
            {"root": root, "page": template, "service": None, "message": None, "guide": None}
            | values
        )

    def _pages(self, service: ir.Service) -> Iterator[tuple[str, str, dict[str, Any]]]:
        urls = self.urls
        operations: dict[str, list[ir.Operation]] = {}
        for operation in service.operations:
            operations.setdefault(operation.channel, []).append(operation)
        by_name = {m.name: m for m in service.messages}
        overview = self._overview(service)
        yield urls.overview(service), "overview", overview
        if overview["drawing"] is not None and overview["drawing"].is_tall:
            words = {"title": "The flow", "label": "Publishers, topics, queues and handlers"}
            yield urls.page(service, "flow"), "flow", {"drawing": overview["drawing"], **words}
        logs = {channel.key: log_of(channel, service.topology) for channel in service.channels}
        common = {"by_name": by_name, "operations": operations, "logs": logs}
        yield urls.page(service, "channels"), "channels", common
        yield urls.page(service, "topology"), "topology", self._topology(service)
        for index, message in enumerate(service.messages):
            values = self._message(service, message)
            values["before"] = service.messages[index - 1] if index else None
            values["after"] = (*service.messages, None)[index + 1]
            if urls.is_listed(service, message):
                yield urls.message(service, message.name), "message", values

    def _catalogue(self) -> dict[str, Any]:
        drawing = link_map(self._links, self._services, self.urls)
        drawing = drawing or service_map(self._services, self.endpoints, self.urls)
        drawn = {box.node.href for box in drawing.boxes} if drawing is not None else set()
        apart = [each for each in self._services if self.urls.overview(each) not in drawn]
        return {"drawing": drawing, "apart": apart}

    def _overview(self, service: ir.Service) -> dict[str, Any]:
        own = [d for d in self._documents if d.startswith(f"{service.name}/")]
        actions = {
            m.name: (self.endpoints.senders(service, m), self.endpoints.receivers(service, m))
            for m in service.messages
        }
        return {
            "drawing": service_flow(service, self.endpoints, self.urls, self._groups[service.name]),
            "documents": own,
            "queue_count": len(queue_lines(service.topology).lines),
            "told": about.of_service(service),
            "shown_extensions": tuple(about.SHOWN),
            "ends": actions,
            "answered_by": {m.name: _answering(service, m, "receive") for m in service.messages},
            "answered_to": {m.name: _answering(service, m, "send") for m in service.messages},
            "tags": sorted({tag for m in service.messages for tag in m.tags}),
            "service_tags": service.tags,
        }

    def _topology(self, service: ir.Service) -> dict[str, Any]:
        handlers: dict[str, dict[str, ir.Operation]] = {}
        for operation in service.operations:
            for handler in operation.handlers:
                handlers.setdefault(operation.queue or "", {})[handler.method] = operation
        known = {exchange.name for exchange in service.topology.exchanges}
        return {
            "handlers": handlers,
            "known_exchanges": known,
            "queues": queue_lines(service.topology),
            "bindings": sorted(service.topology.bindings, key=_binding_order),
        }

    def _message(self, service: ir.Service, message: ir.Message) -> dict[str, Any]:
        headers = message.headers
        receivers = self.endpoints.receivers(service, message)
        own = [
            endpoint
            for endpoint in receivers
            if endpoint.service is service and endpoint.handler is not None
        ]
        handlers = [_handling(service, e.operation, e.handler) for e in own if e.handler]
        described = rows(headers, self._lookup, "header-", python=False) if headers else ()
        package = self._packages.get(service.name, OUTPUT)
        answered = {class_name for class_name, _ in message.replies}
        code = panels(service, message, package, self._lookup, handlers)
        return {
            "message": message,
            "told": about.of_message(service, message),
            "answers": [m for m in service.messages if m.class_name in answered],
            "answered_by": _answering(service, message, "receive"),
            "answered_to": _answering(service, message, "send"),
            "fields": tree(self.rows_of(service, message)),
            "unsaid": unsaid(self.rows_of(service, message)),
            "headers": tree(described),
            "body": root_row(message.payload, self._lookup),
            "headers_body": root_row(headers, self._lookup) if headers else None,
            "shown_extensions": tuple(about.SHOWN),
            "senders": self.endpoints.senders(service, message),
            "receivers": receivers,
            "exchange": exchange_of(service, message.exchange),
            "sharing": self.urls.sharing(service, message),
            "known_exchanges": {e.name for e in service.topology.exchanges},
            "logs": [
                log
                for channel in service.channels
                if message.name in channel.messages and (log := log_of(channel, service.topology))
            ],
            "panels": code,
            "glance": glance(code, len(self.rows_of(service, message))),
        }


def _binding_order(binding: ir.QueueBinding) -> tuple[Any, ...]:
    return natural(binding.exchange), natural(binding.queue), natural(binding.routing_key)


def _by_domain(
    services: tuple[ir.Service, ...],
) -> list[tuple[str, list[ir.Service]]]:
    """The services by domain, those without one last; one list where none has any."""
    found: dict[str, list[ir.Service]] = {}
    for service in sorted(services, key=lambda each: natural(each.title)):
        found.setdefault(about.of_service(service).domain, []).append(service)
    return sorted(found.items(), key=lambda item: (not item[0], item[0].casefold()))


def _handling(service: ir.Service, operation: ir.Operation, handler: ir.Handler) -> str:
    """The method that takes a message, with all others that it takes."""
    taken = {each.message for each in operation.handlers if each.method == handler.method}
    return python.handle(handler.method, [m for m in service.messages if m.name in taken])


def _answering(
    service: ir.Service, message: ir.Message, action: ir.Action
) -> tuple[ir.Operation, ...]:
    """The operations that give this message as an answer (`receive`), or that get it (`send`)."""
    return tuple(
        operation
        for operation in service.operations
        if operation.action == action
        and operation.reply is not None
        and message.name in operation.reply.messages
    )
