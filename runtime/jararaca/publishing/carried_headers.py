"""What goes along with every publication: headers set once, and what integrations add."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from jararaca.contract import headers
from jararaca.transport import Delivery, Publication, provenance

Outgoing = Callable[[Publication], Publication]
"""Changes a publication on its way out: telemetry adds its trace context, for one."""

current_outgoing: ContextVar[tuple[Outgoing, ...]] = ContextVar("jararaca_outgoing", default=())


@contextmanager
def outgoing(change: Outgoing) -> Iterator[None]:
    """Have every publication inside changed so, after the changes that are there already."""
    token = current_outgoing.set((*current_outgoing.get(), change))
    try:
        yield
    finally:
        current_outgoing.reset(token)


@contextmanager
def implicit_headers(**values: Any) -> Iterator[None]:
    """Send these headers along with every publication inside: a tenant, a user.

    They are carried on: what a handler of such a message publishes has them too. A header that
    is given at the publication itself wins.
    """

    def add(publication: Publication) -> Publication:
        carried = {*names_carried(publication.headers), *own}
        told = {**own, **publication.headers, headers.CARRIED: ",".join(sorted(carried))}
        return replace(publication, headers=told, signed=True)

    own = provenance.theirs(values)
    with outgoing(add):
        yield


@contextmanager
def nothing_outgoing() -> Iterator[None]:
    """Begin work that outlives its starter's context: what goes along there is not for it."""
    token = current_outgoing.set(())
    try:
        yield
    finally:
        current_outgoing.reset(token)


def carried(delivery: Delivery) -> Mapping[str, Any]:
    """What a delivery hands on to the publications of its handler: none of Jararaca's own."""
    given = delivery.theirs
    return {name: given[name] for name in names_carried(delivery.ours) if name in given}


def names_carried(given: Mapping[str, Any]) -> Sequence[str]:
    """The headers that are listed as carried on, by headers of our own."""
    listed = given.get(headers.CARRIED)
    return listed.split(",") if isinstance(listed, str) and listed else ()
