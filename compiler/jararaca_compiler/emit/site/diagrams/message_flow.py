"""What flows where: the picture of one service, and the map between all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.emit.site import about
from jararaca_compiler.emit.site.diagrams.layout import Drawing, draw
from jararaca_compiler.emit.site.diagrams.shapes import Edge, Node
from jararaca_compiler.emit.site.diagrams.topic_groups import topic_groups
from jararaca_compiler.emit.site.endpoints import Endpoint, Endpoints, exchange_of
from jararaca_compiler.emit.site.groups import Group
from jararaca_compiler.emit.site.urls import PageUrls

_SERVICE_HEADS = ("Publishers", "Exchange and topics", "Queues", "Handlers")
_ANSWERS = "Answers"
MAP_HEADS = ("Publishes", "Topics", "Handles")
WEBSOCKETS = "WebSockets"
Drawn = Group | str | None
"""A group of messages, what several topics are called together, or a topic by itself."""
_TONES = ("", "answer", "clock", "proven", "unsure", "broken")
SEVERAL = "several topics"


@dataclass(slots=True)
class Graph:
    """Nodes and edges, each once, in the order of their first mention."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)

    def node(self, node: Node) -> str:
        self.nodes.setdefault(node.key, node)
        return node.key

    def edge(self, start: str, end: str, tone: str = "") -> None:
        """A line; of several between two nodes the worst one shows."""
        known = self.edges.get((start, end))
        if known is None or _TONES.index(tone) > _TONES.index(known.tone):
            self.edges[start, end] = Edge(start, end, tone)

    def drawn(
        self, heads: Sequence[str], panels: dict[str, str | None], main: int = 1
    ) -> Drawing | None:
        if not self.nodes:
            return None
        return draw(heads, tuple(self.nodes.values()), tuple(self.edges.values()), main, panels)


def service_flow(
    service: ir.Service, endpoints: Endpoints, urls: PageUrls, known: Sequence[Group] = ()
) -> Drawing | None:
    """Publishers -> topics on their exchange -> queues -> handlers; None where nothing flows.

    `known` are the groups of a large service, which is drawn by them.
    """
    flow = _Flow(service, endpoints, urls)
    by_exchange: dict[str, list[ir.Message]] = {}
    for message in service.messages:
        moves = endpoints.senders(service, message) or endpoints.receivers(service, message)
        if moves or message.schedule is not None:
            by_exchange.setdefault(_place(service, message), []).append(message)
    moving = [m for same in by_exchange.values() for m in same]
    by_topic = topic_groups((m.topic, about.of_message(service, m).domain) for m in moving)
    by_name = {m.name: group for group in known for m in group.messages}
    for message in moving:
        flow.add(message, by_name.get(message.name) or by_topic.get(message.topic))
    panels = {
        _exchange(name): urls.exchange(service, name)
        for name in by_exchange
        if name and name != WEBSOCKETS
    }
    has_answers = any(node.column == 4 for node in flow.graph.nodes.values())
    heads = (*_SERVICE_HEADS, _ANSWERS) if has_answers else _SERVICE_HEADS
    return flow.graph.drawn(heads, dict(panels))


def service_map(
    services: Iterable[ir.Service], endpoints: Endpoints, urls: PageUrls
) -> Drawing | None:
    """Services -> topics that cross from one to another -> services."""
    graph = Graph()
    crossing = [
        (service, message, senders, receivers)
        for service in services
        for message in service.messages
        if (senders := endpoints.senders(service, message))
        and (receivers := endpoints.receivers(service, message))
        and senders[0].service is service
        and any(endpoint.service is not service for endpoint in receivers)
    ]
    groups = topic_groups(
        (message.topic, about.of_message(service, message).domain)
        for service, message, _, _ in crossing
    )
    for service, message, senders, receivers in crossing:
        topic = graph.node(_topic(service, message, groups.get(message.topic), urls))
        for endpoint in senders:
            graph.edge(graph.node(_service("from", 0, endpoint.service, "", urls)), topic)
        for endpoint in receivers:
            graph.edge(topic, graph.node(_service("to", 2, endpoint.service, "", urls)))
    return graph.drawn(MAP_HEADS, {})


class _Flow:
    """The graph of one service as it grows by one message after the other."""

    def __init__(self, service: ir.Service, endpoints: Endpoints, urls: PageUrls) -> None:
        self.graph = Graph()
        self._service, self._endpoints, self._urls = service, endpoints, urls
        self._outside, self._follows = 0, False

    def add(self, message: ir.Message, group: Drawn) -> None:
        """The way of one message; a `group` of topics is drawn as one, its queues too."""
        service, urls, graph = self._service, self._urls, self.graph
        topic = graph.node(_topic(service, message, group, urls))
        senders = self._endpoints.senders(service, message)
        for endpoint in senders:
            tone = "own" if endpoint.service is service else "other"
            graph.edge(graph.node(_service("from", 0, endpoint.service, "", urls, tone)), topic)
        unknown = message.schedule is None and not senders
        if message.schedule is not None:
            graph.edge(graph.node(_clock(message, service, urls)), topic, "clock")
        elif unknown:
            # One box for topics that stand together: it is beside them, wherever they are.
            self._outside += not self._follows
            key = f"outside {self._outside}"
            outside = Node(key, 0, "other systems", "not described here", None, "other")
            graph.edge(graph.node(outside), topic)
        self._follows = unknown
        receivers = self._endpoints.receivers(service, message)
        for endpoint in receivers:
            self._receive(topic, endpoint, group)
        if message.kind == "websocket" and not receivers:
            clients = Node("clients", 2, "WebSocket clients", "in its rooms", None, "other")
            graph.edge(topic, graph.node(clients))

    def _receive(self, topic: str, endpoint: Endpoint, group: Drawn) -> None:
        if endpoint.handler is None or endpoint.operation.queue is None:
            return
        graph, urls, name = self.graph, self._urls, endpoint.service.name
        tone = "own" if endpoint.service is self._service else "other"
        queue_name, queue_link = endpoint.operation.queue, urls.queue(
            endpoint.service, endpoint.operation.queue
        )
        method, method_link = endpoint.handler.method, urls.operation(
            endpoint.service, endpoint.operation.id
        )
        if group is not None:
            called = group if isinstance(group, str) else group.name
            queue_name, queue_link = f"queues of {called}", urls.page(endpoint.service, "topology")
            method, method_link = f"handlers of {called}", urls.page(endpoint.service, "channels")
        kind = "shared queue" if endpoint.message.kind == "task" else "own queue"
        kind += "s" if group is not None else ""
        queue = graph.node(
            Node(f"queue {name} {queue_name}", 2, queue_name, kind, queue_link, tone)
        )
        handler = Node(
            f"handler {name} {method}", 3, method, endpoint.service.controller, method_link, tone
        )
        graph.edge(topic, queue)
        graph.edge(queue, graph.node(handler))
        if group is None:
            self._answer(handler.key, endpoint)

    def _answer(self, handler: str, endpoint: Endpoint) -> None:
        """The messages that a handler answers with, on their way to whoever asked."""
        reply, service = endpoint.operation.reply, endpoint.service
        for message in service.messages:
            if reply is None or message.name not in reply.messages:
                continue
            link = self._urls.message(service, message.name)
            key = f"answer {service.name} {message.name}"
            node = Node(key, 4, message.class_name, "to whoever asked", link, "answer")
            self.graph.edge(handler, self.graph.node(node), "answer")


def _topic(service: ir.Service, message: ir.Message, group: Drawn, urls: PageUrls) -> Node:
    exchange = _place(service, message)
    if isinstance(group, Group):
        key, note = f"topic {exchange} {group.name}", count(len(group.messages), "message")
        link = f"{urls.overview(service)}#{group.slug}"
        return Node(key, 1, group.name, note, link, "event", _exchange(exchange))
    if group is not None:
        key, link = f"topic {exchange} {group}", urls.page(service, "channels")
        return Node(key, 1, group, SEVERAL, link, "event", _exchange(exchange))
    key = f"topic {exchange} {message.topic} {message.name}"
    link = urls.message(service, message.name)
    kind = "request" if message.replies else message.kind
    note = f"{message.class_name} · {kind}"
    name = message.topic or message.name
    return Node(key, 1, name, note, link, message.kind, _exchange(exchange))


def _clock(message: ir.Message, service: ir.Service, urls: PageUrls) -> Node:
    """What publishes a scheduled task: the clock, with its times."""
    schedule = message.schedule
    assert schedule is not None
    every = f"every {schedule.every:g} s" if schedule.every is not None else ""
    times = schedule.cron or every
    note = f"clock, {schedule.timezone}" if schedule.cron else "clock"
    link = urls.message(service, message.name)
    return Node(f"clock {times} {note}", 0, times, note, link, "clock")


def _service(
    side: str, column: int, service: ir.Service, note: str, urls: PageUrls, tone: str = "own"
) -> Node:
    note = note or f"version {service.version}" if service.version else "service"
    link = urls.overview(service)
    return Node(f"{side} {service.name}", column, service.title, note, link, tone)


def _place(service: ir.Service, message: ir.Message) -> str:
    """What a message goes through: its exchange, or WebSockets."""
    if message.kind == "websocket":
        return WEBSOCKETS
    return exchange_of(service, message.exchange)


def _exchange(name: str) -> str:
    if name == WEBSOCKETS:
        return name
    return f"exchange {name}" if name else "default exchange"
