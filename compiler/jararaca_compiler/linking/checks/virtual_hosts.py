"""Services that speak of different virtual hosts never meet."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.linking.checks.channel_bindings import virtual_hosts_said
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.checks.subjects import subject_of
from jararaca_compiler.linking.link import LinkedSystem
from jararaca_compiler.linking.participant import Participant

_PROTOCOLS = ("amqp", "amqps")


def virtual_hosts(system: LinkedSystem) -> Iterator[Finding]:
    """The first link of each pair of services whose servers have no virtual host in common."""
    seen: set[frozenset[int]] = set()
    for link in system.links:
        publication, reception = link.publication, link.reception
        pair = frozenset((id(publication.sender), id(reception.receiver)))
        sent = _hosts(publication.sender, publication.operation)
        received = _hosts(reception.receiver, reception.operation)
        if pair in seen or not sent or not received or sent & received:
            continue
        seen.add(pair)
        yield Finding(
            "virtual-host-differs",
            subject_of(publication, reception.receiver, reception.operation),
            publication.sender.place(publication.operation.span),
            {
                "sender": publication.sender.name,
                "receiver": reception.receiver.name,
                "message": publication.message.name,
                "sent": _listed(sent),
                "received": _listed(received),
            },
            reception.receiver.place(reception.operation.span),
            (publication.sender.name, reception.receiver.name),
            reception.controller_method,
        )


def _hosts(participant: Participant, operation: ir.Operation) -> frozenset[str]:
    """The virtual hosts that an operation's servers name; none where that is left open."""
    channel = participant.channel(operation.channel)
    said = frozenset(virtual_hosts_said(channel))
    named = channel.servers
    servers = [
        server
        for server in participant.service.servers
        if server.protocol in _PROTOCOLS and (not named or server.name in named)
    ]
    hosts = {server.host.partition("/")[2] or "/" for server in servers}
    return said if any("{" in host for host in hosts) or not hosts else frozenset(hosts)


def _listed(hosts: frozenset[str]) -> str:
    return " or ".join(f"`{host}`" for host in sorted(hosts))
