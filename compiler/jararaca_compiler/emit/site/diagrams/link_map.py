"""The map of links: services, the topics between them, and which of them fit."""

from __future__ import annotations

from collections.abc import Mapping

from jararaca_compiler import ir
from jararaca_compiler.emit.site import about
from jararaca_compiler.emit.site.diagrams.layout import Drawing
from jararaca_compiler.emit.site.diagrams.message_flow import MAP_HEADS, SEVERAL, Graph
from jararaca_compiler.emit.site.diagrams.shapes import Node
from jararaca_compiler.emit.site.diagrams.topic_groups import topic_groups
from jararaca_compiler.emit.site.links import End, SiteLink, SiteLinks
from jararaca_compiler.emit.site.urls import PageUrls


def link_map(links: SiteLinks, services: tuple[ir.Service, ...], urls: PageUrls) -> Drawing | None:
    """Services -> topics -> services, neighbours included; None where nothing goes between them."""
    graph = Graph()
    own = {service.name: service for service in services}
    crossing = [each for each in links.links if each.sender.name != each.receiver.name]
    groups = topic_groups((each.topic, _domain(each, own)) for each in crossing)

    def service(side: str, column: int, end: End) -> str:
        known = own.get(end.name)
        href = None if known is None else urls.overview(known)
        note = f"version {end.version}" if end.version else "service"
        tone = "own" if known is not None else "other"
        return graph.node(Node(f"{side} {end.name}", column, end.title, note, href, tone))

    for link in crossing:
        group = groups.get(link.topic)
        known = own.get(link.sender.name)
        name = group or link.topic
        note = SEVERAL if group else link.message
        href = urls.message(known, link.message) if known is not None and group is None else None
        key = f"topic {group}" if group else f"topic {link.topic} {link.message}"
        topic = graph.node(Node(key, 1, name, note, href, "event"))
        graph.edge(service("from", 0, link.sender), topic)
        graph.edge(topic, service("to", 2, link.receiver), link.tone)
    return graph.drawn(MAP_HEADS, {})


def _domain(link: SiteLink, own: Mapping[str, ir.Service]) -> str:
    """The domain of what is sent, else of what is taken; empty of a neighbour's."""
    for name, message in (
        (link.sender.name, link.message),
        (link.receiver.name, link.received),
    ):
        service = own.get(name)
        found = service and next((m for m in service.messages if m.name == message), None)
        if service and found and (domain := about.of_message(service, found).domain):
            return domain
    return ""
