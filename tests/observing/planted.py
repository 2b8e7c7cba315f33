"""A contract, traffic that keeps to it, and twenty messages that do not, each with its finding."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jararaca_compiler.listening.heard import HeardMessage, Properties
from jararaca_compiler.lower import Options, lower
from jararaca_compiler.observing.contract import ObservedContract, observed
from jararaca_compiler.observing.report import Finding
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver

EXCHANGE = "planted"

DOCUMENT = """\
asyncapi: 3.0.0
info: {title: Shop, version: 1.0.0}
channels:
  placed:
    address: orders.{region}.placed
    parameters: {region: {enum: [eu, us]}}
    messages: {OrderPlaced: {$ref: '#/components/messages/OrderPlaced'}}
  changed:
    address: orders.changed
    messages:
      OrderPaid:
        payload:
          type: object
          required: [orderId, state]
          properties:
            orderId: {type: string, format: uuid}
            state: {enum: [paid, refunded, charged-back]}
            amount: {type: number, exclusiveMinimum: 0}
      OrderClosed:
        deprecated: true
        payload: {type: object, properties: {orderId: {type: string}}}
  quiet:
    address: orders.never
    messages: {NobodySends: {payload: {type: object}}}
components:
  messages:
    OrderPlaced:
      headers:
        type: object
        required: [tenant]
        properties: {tenant: {type: string, minLength: 1}}
      payload:
        type: object
        required: [orderId, total, lines]
        properties:
          orderId: {type: string, format: uuid}
          total: {type: integer, minimum: 0}
          email: {type: string, maxLength: 20}
          vat: {type: string}
          coupon: {type: string, deprecated: true}
          lines:
            type: array
            minItems: 1
            items: {$ref: '#/components/schemas/Line'}
          labels: {type: object, additionalProperties: {type: string}}
          payment:
            oneOf:
              - {type: object, required: [card], properties: {card: {type: string}}}
              - {type: object, required: [iban], properties: {iban: {type: string}}}
  schemas:
    Line:
      type: object
      additionalProperties: false
      required: [sku]
      properties:
        sku: {type: string, pattern: '^[A-Z]+$'}
        gift: {type: boolean}
operations:
  announce: {action: send, channel: {$ref: '#/channels/placed'}}
  change: {action: send, channel: {$ref: '#/channels/changed'}}
  rest: {action: send, channel: {$ref: '#/channels/quiet'}}
"""

ID = "0192d3a8-6f5e-7c1a-9b0e-2f6c1d8a4b10"
PLACED = {"orderId": ID, "total": 5, "lines": [{"sku": "A", "gift": True}]}
PAID = {"orderId": ID, "state": "paid"}


@dataclass(frozen=True)
class Sent:
    """A publication, as a script would make it."""

    key: str
    body: bytes
    type: str | None
    headers: Mapping[str, Any] = field(default_factory=lambda: {"tenant": "acme"})
    encoding: str | None = None
    app_id: str | None = "checkout"

    def heard(self) -> HeardMessage:
        """As the ears hand it over."""
        properties = Properties(type=self.type, app_id=self.app_id, content_encoding=self.encoding)
        return HeardMessage(
            EXCHANGE, self.key, self.body, datetime.now(UTC), properties, self.headers
        )


def placed(region: str = "eu", **values: Any) -> Sent:
    """An order, which values change; None leaves out."""
    body = {name: value for name, value in {**PLACED, **values}.items() if value is not None}
    return Sent(f"orders.{region}.placed", json.dumps(body).encode(), "OrderPlaced")


def paid(type: str | None = "OrderPaid", **values: Any) -> Sent:
    """A payment."""
    return Sent("orders.changed", json.dumps({**PAID, **values}).encode(), type)


def _wrong(place: str, reason: str, message: str = "OrderPlaced") -> Finding:
    return Finding("invalid", "shop", message, place, reason, 1)


PLANTED: tuple[tuple[Sent, Finding], ...] = (
    (placed(total="5"), _wrong("total", "type")),
    (placed(total=-1), _wrong("total", "minimum")),
    (placed(total=None), _wrong("total", "required")),
    (placed(orderId="12"), _wrong("orderId", "format")),
    (placed(email="a" * 21), _wrong("email", "maxLength")),
    (placed(lines=[]), _wrong("lines", "minItems")),
    (placed(lines=[{"sku": "A"}, {"sku": "a"}]), _wrong("lines[].sku", "pattern")),
    (placed(lines=[{"sku": "A", "x": 1}]), _wrong("lines[].x", "additionalProperties")),
    (placed(labels={"secret": 1}), _wrong("labels.*", "type")),
    (placed(payment={}), _wrong("payment", "oneOf")),
    (placed("mars"), _wrong("topic.region", "enum")),
    (
        Sent("orders.eu.placed", json.dumps(PLACED).encode(), "OrderPlaced", {}),
        _wrong("headers.tenant", "required"),
    ),
    (
        Sent("orders.eu.placed", json.dumps(PLACED).encode(), "OrderPlaced", {"tenant": ""}),
        _wrong("headers.tenant", "minLength"),
    ),
    (Sent("orders.eu.placed", b"no json", "OrderPlaced"), _wrong("body", "no-json")),
    (
        Sent("orders.eu.placed", b"no gzip", "OrderPlaced", encoding="gzip"),
        _wrong("body", "unpackable"),
    ),
    (paid(state="lost"), _wrong("state", "enum", "OrderPaid")),
    (paid(amount=0), _wrong("amount", "exclusiveMinimum", "OrderPaid")),
    (
        paid("OrderLost"),
        Finding("unknown-type", "shop", "changed", "OrderLost", "checkout", 1),
    ),
    (
        Sent("orders.eu.lost", b"{}", "OrderPlaced"),
        Finding("undeclared-topic", "", "orders.eu.lost", EXCHANGE, "OrderPlaced", 1),
    ),
    (
        placed(shippingNotes="soon"),
        Finding("undeclared-field", "shop", "OrderPlaced", "shippingNotes", "", 1),
    ),
)
"""Twenty, no two of which have the same finding."""

CLEAN = (
    placed(),
    placed("us", email="ada@example.com", labels={"a": "b"}, payment={"card": "1"}),
    Sent(
        "orders.eu.placed",
        gzip.compress(json.dumps(PLACED).encode()),
        "OrderPlaced",
        encoding="gzip",
    ),
    paid(),
    paid(None, state="refunded", amount=1.5),
)


def contract(folder: Path, text: str = DOCUMENT, exchange: str = EXCHANGE) -> ObservedContract:
    """The contract of a document, with its services' exchange called so."""
    (folder / "shop.yaml").write_text(text)
    documents, _ = load(["shop.yaml"], folder)
    resolver = Resolver(documents)
    services, found = lower(documents, Options(exchange), resolver)
    assert not [each for each in found if each.severity == "error"], found
    return observed(services, resolver.lookup)
