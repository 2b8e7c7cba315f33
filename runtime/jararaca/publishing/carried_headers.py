"""What goes along with every publication: headers set once, and what integrations add."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from jararaca.contract import headers
from jararaca.transport import Publication

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
        carried = {*names(publication.headers), *values}
        told = {**values, **publication.headers, headers.CARRIED: ",".join(sorted(carried))}
        return replace(publication, headers=told)

    with outgoing(add):
        yield


def names(given: Mapping[str, Any]) -> tuple[str, ...]:
    """The headers that a message carries on, as far as it has them; none of Jararaca's own."""
    listed = given.get(headers.CARRIED)
    if not isinstance(listed, str):
        return ()
    return tuple(
        name for name in listed.split(",") if name in given and not name.startswith(headers.PREFIX)
    )


def carried(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a message with these headers hands on to the publications of its handler."""
    return {name: given[name] for name in names(given)}
