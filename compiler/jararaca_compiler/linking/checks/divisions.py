"""What a sender writes beside a message for partitions and streams, and its receiver goes by."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.checks.subjects import subject_of
from jararaca_compiler.linking.delivery.publications import on_channel
from jararaca_compiler.linking.link import Link, LinkedSystem


def divisions(system: LinkedSystem) -> Iterator[Finding]:
    """Links whose sides divide a message, or filter its stream, by something else."""
    for link in system.links:
        sent = on_channel(link.publication.message, link.publication.operation.channel)
        received = on_channel(link.reception.message, link.reception.operation.channel)
        if received.partitions not in (None, sent.partitions):
            yield _finding(
                "partitions-differ",
                link,
                sent=_divided(sent.partitions),
                received=_divided(received.partitions),
            )
        filters = sent.filter_by, received.filter_by
        if None not in filters and filters[0] != filters[1] and _share_stream(link):
            yield _finding("filter-differs", link, sent=filters[0], received=filters[1])


def _share_stream(link: Link) -> bool:
    publication, reception = link.publication, link.reception
    one = publication.sender.channel(publication.operation.channel).stream
    return one == reception.receiver.channel(reception.operation.channel).stream


def _divided(partitions: ir.Partitions | None) -> str:
    if partitions is None:
        return "not divided"
    return f"divided into {partitions.count} by `{partitions.by}`"


def _finding(rule: str, link: Link, **values: object) -> Finding:
    publication, reception = link.publication, link.reception
    return Finding(
        rule,
        subject_of(publication, reception.receiver, reception.operation),
        publication.sender.place(publication.operation.span),
        {
            "sender": publication.sender.name,
            "message": publication.message.name,
            "receiver": reception.receiver.name,
            **values,
        },
        reception.receiver.place(reception.operation.span),
        (publication.sender.name, reception.receiver.name),
        reception.controller_method,
    )
