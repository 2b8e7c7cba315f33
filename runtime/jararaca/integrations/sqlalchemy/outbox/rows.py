"""Between a publication and its row in the outbox; no I/O."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from jararaca.transport import Properties, Publication, Terms


def row_of(publication: Publication, exchange: str, now: datetime) -> dict[str, Any]:
    """The columns; `exchange` is what None stands for in the publication.

    Raises TypeError for a header that no AMQP table can hold.
    """
    properties = publication.properties
    later = now + timedelta(seconds=publication.delay) if publication.delay else None
    return {
        "message_id": properties.message_id,
        "name": properties.type,
        "exchange": exchange if publication.exchange is None else publication.exchange,
        "routing_key": publication.routing_key,
        "envelope": _written(publication),
        "body": publication.body,
        "created_at": now,
        "deliver_at": later,
    }


def publication_of(row: Mapping[Any, Any], now: datetime) -> Publication:
    """The publication of a row, with what is left of its delay."""
    envelope = json.loads(row["envelope"], object_hook=_read)
    deliver_at = utc(row["deliver_at"])
    return Publication(
        routing_key=row["routing_key"],
        body=bytes(row["body"]),
        exchange=row["exchange"],
        properties=Properties(**envelope["properties"]),
        headers=envelope["headers"],
        mandatory=envelope["mandatory"],
        signed=envelope.get("signed", False),
        terms=Terms(**terms) if (terms := envelope.get("terms")) is not None else None,
        delay=max(0.0, (deliver_at - now).total_seconds()) if deliver_at else 0.0,
    )


def utc(when: datetime | None) -> datetime | None:
    """A time as it was stored: SQLite gives it back without its zone."""
    return when.replace(tzinfo=UTC) if when is not None and when.tzinfo is None else when


def _written(publication: Publication) -> str:
    properties = asdict(publication.properties)
    envelope: dict[str, Any] = {
        "properties": {name: value for name, value in properties.items() if value is not None},
        "headers": dict(publication.headers),
        "mandatory": publication.mandatory,
        "signed": publication.signed,
    }
    if publication.terms is not None:
        envelope["terms"] = asdict(publication.terms)
    return json.dumps(envelope, default=_tagged, separators=(",", ":"))


def _tagged(value: object) -> dict[str, str]:
    """What AMQP tables hold and JSON does not."""
    match value:
        case datetime():
            return {"$time": value.isoformat()}
        case bytes() | bytearray():
            return {"$bytes": b64encode(value).decode()}
        case Decimal():
            return {"$decimal": str(value)}
    raise TypeError(f"an AMQP header cannot contain a {type(value).__name__}: {value!r}")


def _read(found: dict[str, Any]) -> Any:
    match found:
        case {"$time": str(text), **rest} if not rest:
            return datetime.fromisoformat(text)
        case {"$bytes": str(text), **rest} if not rest:
            return b64decode(text)
        case {"$decimal": str(text), **rest} if not rest:
            return Decimal(text)
    return found
