"""The rights on RabbitMQ that deploying and running a service need, and no more."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from jararaca.contract.positions import bootstrap_name, position_queue
from jararaca.contract.topics import PARAMETER
from jararaca.contract.topology import Topology
from jararaca.handlers.decorators import spec_of
from jararaca.publishing.requests import QUEUE_PREFIX
from jararaca.routing.declarations import position_of
from jararaca.routing.table import Route, Service
from jararaca.transport import DELAY_LEVELS
from jararaca.transport.amqp.delaying import delays
from jararaca.transport.amqp.delaying.provisioning import provisioned

Purpose = Literal["deploying", "running"]
DEFAULT_EXCHANGE = "amq.default"
"""What RabbitMQ's permissions call the exchange without a name."""

NOTHING = "^$"


@dataclass(frozen=True, slots=True)
class Permissions:
    """What an account may configure, write to and read from, and the topics that it may use."""

    purpose: Purpose
    configure: str
    write: str
    read: str
    topics: tuple[tuple[str, str, str], ...] = ()

    def commands(self, user: str, vhost: str) -> list[str]:
        """The calls of rabbitmqctl."""
        rights = ("set_permissions", "-p", vhost, user, self.configure, self.write, self.read)
        of_topics = (("set_topic_permissions", "-p", vhost, user, *each) for each in self.topics)
        return [shlex.join(("rabbitmqctl", *call)) for call in (rights, *of_topics)]


def deploying(topologies: Sequence[Topology]) -> Permissions:
    """For `jararaca topology apply`: all that is declared and bound, delays included."""
    whole = [provisioned(each).topology for each in topologies]
    exchanges = {each.name for topology in whole for each in topology.exchanges}
    names = exchanges | {each.name for topology in whole for each in topology.queues}
    declared = _any(names - {""})
    return Permissions("deploying", declared, _any({*names - {""}, DEFAULT_EXCHANGE}), declared)


def running(services: Sequence[Service], topologies: Sequence[Topology]) -> Permissions:
    """For a worker with `--no-declare`, and for publishers beside it."""
    routes = [route for service in services for route in service.routes]
    exchanges = _published_to(topologies)
    messages = [message for service in services for message in service.messages]
    divided = any(topology.workers for topology in topologies)
    asks = divided or any(each.MESSAGE_REPLIES for each in messages)
    replies = [f"{QUEUE_PREFIX}*"] if asks else []
    levels = {delays.entry(level) for level in range(DELAY_LEVELS)}
    topics = {message.MESSAGE_TOPIC for message in messages if message.MESSAGE_TOPIC}
    shared = {each.name for topology in topologies for each in topology.exchanges if each.shared}
    return Permissions(
        "running",
        _any(replies),
        _any({*exchanges - {""}, *levels, DEFAULT_EXCHANGE, *replies}),
        _any({*_queues(routes, topologies), *replies}),
        tuple((name, _topics(topics), NOTHING) for name in sorted(shared)),
    )


def _published_to(topologies: Iterable[Topology]) -> set[str]:
    """The exchanges without those that lead on to partitions: the broker alone uses these."""
    every = list(topologies)
    parts = {n for t in every for each in t.partitioned for n in (each.exchange, each.alternate)}
    return {each.name for topology in every for each in topology.exchanges} - parts


def _queues(routes: Sequence[Route], topologies: Sequence[Topology]) -> set[str]:
    """What handlers take from, with the partitions, and where workers agree about them.

    By the exchanges that are called by the partitions' count a worker finds another one.
    """
    whole = {route.queue for route in routes}
    parts = {name for each in topologies for queue in whole for name in each.partitions_of(queue)}
    kept = {name for route in routes for name in _of_streams(route)}
    counted = {each.alternate for topology in topologies for each in topology.partitioned}
    return whole | parts | kept | counted | {each.workers for each in topologies if each.workers}


def _of_streams(route: Route) -> Iterator[str]:
    """The stream that a handler reads, or its queue is filled from, and where its place is kept."""
    spec = spec_of(route.handler)
    if route.stream is None or (spec.stream is None and spec.bootstrap is None):
        return
    yield route.stream
    if spec.stream is not None:
        yield position_queue(position_of(route))
    else:
        yield position_queue(bootstrap_name(route.queue))


def _any(names: Iterable[str]) -> str:
    """A pattern for just these names; a `*` at the end is any text."""
    patterns = [
        re.escape(name.removesuffix("*")) + (".*" if name.endswith("*") else "")
        for name in sorted(names)
    ]
    return f"^({'|'.join(patterns)})$" if patterns else NOTHING


def _topics(topics: Iterable[str]) -> str:
    """A pattern for just these topics; a parameter is one word."""
    patterns = [
        "[^.]+".join(re.escape(part) for part in PARAMETER.sub("\0", topic).split("\0"))
        for topic in sorted(topics)
    ]
    return f"^({'|'.join(patterns)})$" if patterns else NOTHING
