"""The formats of texts that classes check, as functions for the JSON Schemas beside the classes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any
from uuid import UUID

from pydantic import StringConstraints, TypeAdapter
from pydantic_core import CoreSchema, SchemaValidator

from jararaca.messages.values.strictness import exact

Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
"""A text with the shape of an e-mail address; it is not normalised."""

Uri = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s]*$")]
"""An absolute URI; it is not normalised."""

_TYPES: Mapping[str, Any] = {
    "uuid": UUID,
    "date-time": dt.datetime,
    "date": dt.date,
    "time": dt.time,
    "duration": dt.timedelta,
    "email": Email,
    "idn-email": Email,
    "uri": Uri,
    "url": Uri,
    "ipv4": IPv4Address,
    "ipv6": IPv6Address,
    "decimal": Decimal,
}
"""A text has a format if a field of this type reads it."""


@cache
def format_checks() -> dict[str, Callable[..., bool]]:
    """Whether a text has a format, by the format's name."""
    return {name: _check(kind) for name, kind in _TYPES.items()}


def _check(kind: Any) -> Callable[[str], bool]:
    schema = exact(TypeAdapter(kind).core_schema, _no_references)
    return SchemaValidator(schema).isinstance_python


def _no_references(reference: CoreSchema) -> CoreSchema:
    raise LookupError(reference)
