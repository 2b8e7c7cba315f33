"""What AsyncAPI lets people write is read: components of every kind, bindings, replies."""

from __future__ import annotations

from pathlib import Path

import pytest
from jararaca_compiler import ir
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver

from .front import codes, compiled, write

EVERYTHING = """
asyncapi: 3.0.0
info: {title: Shop, version: '1'}
defaultContentType: application/vnd.shop+json
servers: {main: {$ref: '#/components/servers/main'}}
channels:
  orders: {$ref: '#/components/channels/orders'}
  answers: {address: null, messages: {yes: {payload: {type: boolean}}}}
operations:
  place: {$ref: '#/components/operations/place'}
  on_order: {action: receive, channel: {$ref: '#/channels/orders'}}
components:
  servers:
    main:
      host: '{region}.example.com'
      protocol: amqp
      variables: {region: {$ref: '#/components/serverVariables/region'}}
      security: [{$ref: '#/components/securitySchemes/plain'}]
      bindings: {$ref: '#/components/serverBindings/amqp'}
      tags: [{$ref: '#/components/tags/prod'}]
  serverVariables: {region: {enum: [eu, us], default: eu}}
  securitySchemes: {plain: {type: userPassword}}
  serverBindings: {amqp: {amqp: {}}}
  channels:
    orders:
      address: orders.{country}
      servers: [{$ref: '#/servers/main'}]
      parameters: {country: {$ref: '#/components/parameters/country'}}
      messages: {order: {$ref: '#/components/messages/order'}}
      bindings: {$ref: '#/components/channelBindings/orders'}
      externalDocs: {$ref: '#/components/externalDocs/more'}
  parameters: {country: {enum: [br, pt], description: Where.}}
  channelBindings:
    orders:
      amqp:
        is: routingKey
        exchange: {name: sales, type: topic, durable: false, vhost: /}
        queue: {name: incoming, durable: true, exclusive: false, autoDelete: false, vhost: /}
        bindingVersion: 0.3.0
  operations:
    place:
      action: send
      channel: {$ref: '#/channels/orders'}
      messages: [{$ref: '#/channels/orders/messages/order'}]
      traits: [{$ref: '#/components/operationTraits/careful'}]
      reply: {$ref: '#/components/replies/answer'}
  operationTraits:
    careful: {description: Careful., bindings: {$ref: '#/components/operationBindings/careful'}}
  operationBindings:
    careful:
      amqp: {expiration: 1500, priority: 3, deliveryMode: 2, mandatory: true, cc: [audit]}
  replies:
    answer:
      address: {$ref: '#/components/replyAddresses/back'}
      channel: {$ref: '#/channels/answers'}
  replyAddresses: {back: {location: '$message.header#/replyTo'}}
  messages:
    order:
      traits: [{$ref: '#/components/messageTraits/traced'}]
      correlationId: {$ref: '#/components/correlationIds/trace'}
      bindings: {$ref: '#/components/messageBindings/order'}
      payload: {$ref: '#/components/schemas/a~1b.c:d é'}
  messageTraits:
    traced: {headers: {type: object, properties: {trace: {type: string}}}, summary: Traced.}
  correlationIds: {trace: {location: '$message.header#/trace'}}
  messageBindings: {order: {amqp: {messageType: shop.order, contentEncoding: utf-8}}}
  schemas:
    'a/b.c:d é': {type: object, properties: {any: true, none: false}}
  tags: {prod: {name: prod}}
  externalDocs: {more: {url: 'https://example.com'}}
"""


@pytest.fixture
def shop(tmp_path: Path) -> ir.Service:
    service, found = compiled(tmp_path, EVERYTHING)
    assert codes(found) == ["publishing-without-effect"]
    return service


def test_a_message_has_its_traits_binding_and_correlation_id(shop: ir.Service) -> None:
    (order,) = (m for m in shop.messages if m.class_name == "Order")
    assert (order.wire_name, order.summary) == ("shop.order", "Traced.")
    assert order.correlation_id == "$message.header#/trace"
    assert order.headers is not None
    assert order.content_type == "application/vnd.shop+json"
    assert order.payload.schema == {"$ref": "shop.yaml#/components/schemas/a~1b.c:d é"}


def test_an_operation_has_its_traits_binding_and_reply(shop: ir.Service) -> None:
    place = shop.operations[0]
    assert place.description == "Careful."
    assert place.reply is not None
    reply = (place.reply.channel, place.reply.address, place.reply.messages)
    assert reply == ("answers", "$message.header#/replyTo", ("yes",))
    (order,) = (m for m in shop.messages if m.class_name == "Order")
    assert order.mandatory
    assert order.publishing == ir.Publishing(1500, 3, 2, cc=("audit",))


def test_a_channel_has_its_parameters_exchange_and_queue(shop: ir.Service) -> None:
    channel = shop.channels[0]
    assert (channel.exchange, channel.queue) == ("sales", "incoming")
    assert channel.parameters[0].enum == ("br", "pt")
    assert shop.operations[1].queue == "incoming"
    assert ("sales", "incoming", "orders.*") in {
        (b.exchange, b.queue, b.routing_key) for b in shop.topology.bindings
    }


def test_a_channel_without_an_address_is_there_for_replies(shop: ir.Service) -> None:
    assert shop.channels[1].address is None
    assert shop.servers[0].host == "{region}.example.com"


@pytest.mark.parametrize("version", ["0.2.0", "0.3.0", "0.4.0"])
def test_the_binding_of_asyncapi_2_is_read(tmp_path: Path, version: str) -> None:
    text = f"""
    asyncapi: 2.6.0
    info: {{title: T, version: '1'}}
    channels:
      a:
        bindings: {{amqp: {{is: queue, queue: {{name: q}}, bindingVersion: {version}}}}}
        subscribe:
          bindings: {{amqp: {{cc: one, bcc: [two], deliveryMode: 1, bindingVersion: {version}}}}}
          message: {{oneOf: [{{name: m, payload: {{}}}}, {{name: n, payload: true}}]}}
    """
    service, found = compiled(tmp_path, text)
    assert {d.severity for d in found} <= {"warning"}
    assert [m.name for m in service.messages] == ["m", "n"]
    assert service.messages[0].publishing == ir.Publishing(None, None, 1, cc=("one",), bcc=("two",))
    assert service.messages[0].kind == "task"


def test_a_value_that_amqp_cannot_carry_is_told(tmp_path: Path) -> None:
    for wrong in ("priority: 300", "priority: high", "priority: -1"):
        _, found = compiled(tmp_path, EVERYTHING.replace("priority: 3", wrong))
        assert "unknown-value" in codes(found)


def test_a_reference_leads_into_an_openapi_file(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    write(
        tmp_path,
        openapi_yaml="""
        openapi: 3.0.3
        info: {title: A, version: '1'}
        paths: {}
        components:
          schemas:
            Order:
              type: object
              properties:
                note: {type: string, nullable: true}
                lines: {type: array, items: {$ref: '#/components/schemas/Line'}}
            Line: {type: integer, minimum: 0, exclusiveMinimum: true}
        """,
    )
    (tmp_path / "api" / "shop.yaml").write_text(
        "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\nchannels: {c: {address: c, messages:"
        " {m: {payload: {$ref: '../openapi.yaml#/components/schemas/Order'}}}}}\n"
    )
    documents, _ = load(["api/shop.yaml"], tmp_path)
    resolver = Resolver(documents)
    (service,), found = lower(documents, resolver=resolver)
    assert found == ()
    order = resolver.lookup(service.messages[0].payload.schema["$ref"]).value["properties"]
    assert order["note"] == {"type": ["string", "null"]}
    line = resolver.lookup(order["lines"]["items"]["$ref"]).value
    assert line == {"type": "integer", "exclusiveMinimum": 0}


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_byte_order_mark_is_no_part_of_a_document(tmp_path: Path, suffix: str) -> None:
    text = '{"asyncapi": "3.0.0", "info": {"title": "T", "version": "1"}, "channels": {}}'
    (tmp_path / f"a.{suffix}").write_bytes(b"\xef\xbb\xbf" + text.encode())
    documents, unread = load([f"a.{suffix}"], tmp_path)
    services, found = lower(documents)
    assert (unread, found, len(services)) == ((), (), 1)
