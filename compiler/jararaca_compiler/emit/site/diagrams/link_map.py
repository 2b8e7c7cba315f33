"""The map of links: services, the topics between them, and which of them fit."""

from __future__ import annotations

from jararaca_compiler import ir
from jararaca_compiler.emit.site.diagrams.layout import Drawing, Node
from jararaca_compiler.emit.site.diagrams.message_flow import MAP_HEADS, SEVERAL, Graph, groups_of
from jararaca_compiler.emit.site.links import End, SiteLinks
from jararaca_compiler.emit.site.urls import PageUrls


def link_map(links: SiteLinks, services: tuple[ir.Service, ...], urls: PageUrls) -> Drawing | None:
    """Services -> topics -> services, neighbours included; None where nothing goes between them."""
    graph = Graph()
    own = {service.name: service for service in services}
    crossing = [each for each in links.links if each.sender.name != each.receiver.name]
    groups = groups_of({each.topic for each in crossing})

    def service(side: str, column: int, end: End) -> str:
        known = own.get(end.name)
        href = None if known is None else urls.overview(known)
        note = f"version {end.version}" if end.version else "service"
        tone = "own" if known is not None else "other"
        return graph.node(Node(f"{side} {end.name}", column, end.title, note, href, tone))

    for link in crossing:
        group = groups.get(link.topic)
        known = own.get(link.sender.name)
        name = f"{group}.…" if group else link.topic
        note = SEVERAL if group else link.message
        href = urls.message(known, link.message) if known is not None and group is None else None
        key = f"topic {group}" if group else f"topic {link.topic} {link.message}"
        topic = graph.node(Node(key, 1, name, note, href, "event"))
        graph.edge(service("from", 0, link.sender), topic)
        graph.edge(topic, service("to", 2, link.receiver), link.tone)
    return graph.drawn(MAP_HEADS, {})
