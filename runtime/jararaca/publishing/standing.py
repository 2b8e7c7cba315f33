"""What a message class says of each of its publications, looked up at its first one."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jararaca.messages.message import Message
from jararaca.messages.model import GENERATED, Model
from jararaca.transport import Terms


@dataclass(frozen=True, slots=True)
class Standing:
    """The MESSAGE_ settings of a class; `service` is whose package it was generated into."""

    name: str
    topic: str
    exchange: str | None
    queue: str | None
    content_type: str
    mandatory: bool
    priority: int | None
    reply_to: str | None
    terms: Terms | None
    correlation_id: str | None
    parameters: Mapping[str, Sequence[str]]
    locations: Mapping[str, str]
    headers: type[Model] | None
    partitions: int | None
    filter_by: str | None
    service: str | None


@lru_cache(maxsize=4096)
def standing_of(kind: type[Message]) -> Standing:
    """A lookup on a class of pydantic's goes through hooks, and each publication has fifteen."""
    mandatory = kind.MESSAGE_MANDATORY
    return Standing(
        name=kind.MESSAGE_NAME,
        topic=kind.MESSAGE_TOPIC,
        exchange=kind.MESSAGE_EXCHANGE,
        queue=kind.MESSAGE_QUEUE,
        content_type=kind.MESSAGE_CONTENT_TYPE,
        mandatory=kind.MESSAGE_TYPE == "task" if mandatory is None else mandatory,
        priority=kind.MESSAGE_PRIORITY,
        reply_to=kind.MESSAGE_REPLY_TO,
        terms=kind.MESSAGE_TERMS,
        correlation_id=kind.MESSAGE_CORRELATION_ID,
        parameters=kind.MESSAGE_PARAMETERS,
        locations=kind.MESSAGE_LOCATIONS,
        headers=kind.MESSAGE_HEADERS,
        partitions=kind.MESSAGE_PARTITIONS,
        filter_by=kind.MESSAGE_FILTER_BY,
        service=service_of(kind),
    )


def service_of(kind: type[Message]) -> str | None:
    """The service that a generated class belongs to; None for one that is written by hand."""
    module = sys.modules.get(kind.__module__)
    if not getattr(module, GENERATED, False):
        return None
    package = kind.__module__.rpartition(".")[0]
    return package.rpartition(".")[2] or None
