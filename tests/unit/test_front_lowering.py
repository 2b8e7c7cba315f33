"""AsyncAPI 3 and AsyncAPI 2 documents as services."""

from __future__ import annotations

from pathlib import Path

import pytest
from jararaca_compiler.lower import Options
from jararaca_compiler.lower.draft import Perspective

from .front import codes, compiled, write

SHOP = """
asyncapi: 3.0.0
info: {title: Web Shop, version: 1.2.0, description: Sells.}
defaultContentType: application/json
channels:
  orderPlaced:
    address: shop.order.{region}.placed
    parameters:
      region: {enum: [eu, us], default: eu, description: Where., examples: [us]}
    messages:
      OrderPlaced: {$ref: '#/components/messages/OrderPlaced'}
  emails:
    address: shop.emails
    bindings:
      amqp:
        is: queue
        queue: {name: emails, durable: true, exclusive: false}
    messages:
      sendEmail:
        summary: Send one.
        payload: {type: object, properties: {to: {type: string}}}
  mixed:
    address: shop.mixed
    bindings:
      amqp: {is: routingKey, exchange: {name: legacy, type: direct, durable: false}}
    messages:
      A: {payload: {type: string}}
      B: {payload: {type: integer}}
operations:
  fulfilOrder:
    action: receive
    channel: {$ref: '#/channels/orderPlaced'}
    messages: [{$ref: '#/channels/orderPlaced/messages/OrderPlaced'}]
    summary: Fulfil it.
  mail: {action: receive, channel: {$ref: '#/channels/emails'}}
  publishMixed:
    action: send
    channel: {$ref: '#/channels/mixed'}
    bindings: {amqp: {mandatory: true}}
  onMixed: {action: receive, channel: {$ref: '#/channels/mixed'}}
components:
  messages:
    OrderPlaced:
      name: order.placed
      tags: [{name: sales}]
      payload: {$ref: '#/components/schemas/Order'}
      headers: {type: object, properties: {trace: {type: string}}}
      examples: [{name: small, payload: {id: 1}, headers: {trace: t}}]
  schemas:
    Order: {type: object, required: [id], properties: {id: {type: integer}}}
"""


def test_a_parameterised_event_has_a_queue_of_its_operation(tmp_path: Path) -> None:
    service, found = compiled(tmp_path, SHOP)
    assert found == ()
    assert (service.name, service.controller, service.source) == (
        "web_shop",
        "WebShopHandlers",
        "shop.yaml",
    )
    message = service.messages[0]
    assert (message.name, message.class_name, message.kind) == (
        "order.placed",
        "OrderPlaced",
        "event",
    )
    assert message.topic == "shop.order.{region}.placed"
    assert message.mandatory is False
    assert message.payload.schema == {"$ref": "shop.yaml#/components/schemas/Order"}
    assert message.tags == ("sales",)
    (parameter,) = message.parameters
    assert (parameter.name, parameter.word, parameter.enum) == ("region", 2, ("eu", "us"))
    assert (parameter.default, parameter.examples) == ("eu", ("us",))
    (example,) = message.examples
    assert (example.name, example.payload, example.headers) == ("small", {"id": 1}, {"trace": "t"})
    operation = service.operations[0]
    assert operation.queue == "web_shop.fulfil_order"
    assert [(h.method, h.message, h.binding_keys) for h in operation.handlers] == [
        ("fulfil_order", "order.placed", ("shop.order.*.placed",))
    ]


def test_a_channel_that_is_a_queue_makes_tasks(tmp_path: Path) -> None:
    service, _ = compiled(tmp_path, SHOP)
    message = next(m for m in service.messages if m.name == "sendEmail")
    assert (message.class_name, message.kind, message.mandatory) == ("SendEmail", "task", True)
    mail = next(o for o in service.operations if o.id == "mail")
    assert mail.queue == "emails"
    assert mail.handlers[0].method == "mail"


def test_an_exchange_of_the_binding_and_a_method_for_each_message(tmp_path: Path) -> None:
    service, _ = compiled(tmp_path, SHOP)
    a = next(m for m in service.messages if m.name == "A")
    assert (a.exchange, a.mandatory) == ("legacy", True)
    operation = next(o for o in service.operations if o.id == "onMixed")
    assert [h.method for h in operation.handlers] == ["on_mixed_a", "on_mixed_b"]
    sending = next(o for o in service.operations if o.id == "publishMixed")
    assert (sending.queue, sending.handlers) == (None, ())


def test_the_topology_holds_every_queue_with_its_dead_letters(tmp_path: Path) -> None:
    service, _ = compiled(tmp_path, SHOP, options=Options(exchange="acme"))
    topology = service.topology
    assert [(e.name, e.type, e.durable, e.shared) for e in topology.exchanges] == [
        ("acme", "topic", True, True),
        ("legacy", "direct", False, False),
    ]
    assert [q.name for q in topology.queues] == [
        "emails",
        "emails.dead-letters",
        "web_shop.fulfil_order",
        "web_shop.fulfil_order.dead-letters",
        "web_shop.on_mixed",
        "web_shop.on_mixed.dead-letters",
    ]
    assert dict(topology.queues[0].arguments) == {
        "x-queue-type": "quorum",
        "x-delivery-limit": 20,
        "x-overflow": "reject-publish",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "emails.dead-letters",
        "x-dead-letter-strategy": "at-least-once",
    }
    assert topology.queues[1].arguments == (
        ("x-delivery-limit", 1_000_000),
        ("x-queue-type", "quorum"),
    )
    assert [(b.exchange, b.queue, b.routing_key) for b in topology.bindings] == [
        ("acme", "emails", "shop.emails"),
        ("acme", "web_shop.fulfil_order", "shop.order.*.placed"),
        ("legacy", "web_shop.on_mixed", "shop.mixed"),
    ]


def test_the_client_perspective_turns_the_document_around(tmp_path: Path) -> None:
    service, _ = compiled(tmp_path, SHOP, options=Options(perspective="client"))
    assert {o.id: o.action for o in service.operations} == {
        "fulfilOrder": "send",
        "mail": "send",
        "publishMixed": "receive",
        "onMixed": "send",
    }


def test_a_transient_queue_is_classic(tmp_path: Path) -> None:
    text = SHOP.replace("exclusive: false", "exclusive: true")
    service, _ = compiled(tmp_path, text)
    assert dict(service.topology.queues[0].arguments) == {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": "emails.dead-letters",
        "x-queue-type": "classic",
    }


def test_the_digest_ignores_layout_and_sees_every_file(tmp_path: Path) -> None:
    write(tmp_path, order_yaml="type: object\nproperties: {id: {type: integer}}\n")
    text = SHOP.replace("'#/components/schemas/Order'", "order.yaml")
    first, _ = compiled(tmp_path, text)
    again, _ = compiled(tmp_path, text + "\n# a comment\n")
    write(tmp_path, order_yaml="type: object\nproperties: {id: {type: string}}\n")
    other, _ = compiled(tmp_path, text)
    assert first.digest == again.digest != other.digest
    assert len(first.digest) == 16


STREETS = """
asyncapi: 2.6.0
info: {title: Streets, version: 1.0.0}
servers: {main: {url: 'amqp://broker:5672', protocol: amqp}}
channels:
  light.{id}.measured:
    parameters: {id: {description: The lamp., schema: {type: string, enum: [a, b]}}}
    publish:
      message: {$ref: '#/components/messages/Measured'}
    subscribe:
      operationId: tell
      message:
        oneOf:
          - {$ref: '#/components/messages/Measured'}
          - {messageId: lampLit, payload: {type: boolean}}
          - {title: Lamp broken, payload: {type: boolean}}
components:
  messages:
    Measured: {payload: {type: number}, x-message-type: task}
"""


def test_asyncapi_2_publish_is_what_the_application_receives(tmp_path: Path) -> None:
    service, found = compiled(tmp_path, STREETS)
    assert codes(found) == ["partial-subscription"]
    receive, send = service.operations
    assert (receive.id, receive.action) == ("on_light_id_measured", "receive")
    assert (receive.queue, receive.handlers[0].method) == (
        "light_id_measured",
        "on_light_id_measured",
    )
    assert (send.id, send.action) == ("tell", "send")
    assert [m.name for m in service.messages] == ["Measured", "lampLit", "LampBroken"]
    assert service.messages[0].kind == "task"
    assert service.messages[0].parameters[0].enum == ("a", "b")
    assert [(s.name, s.host) for s in service.servers] == [("main", "broker:5672")]


@pytest.mark.parametrize(("version", "wins"), [("2.6.0", "trait"), ("3.0.0", "own")])
def test_whose_value_wins_in_a_trait_depends_on_the_version(
    tmp_path: Path, version: str, wins: str
) -> None:
    message = """
      summary: own
      payload: {type: string}
      headers: {properties: {a: {const: own}}}
      traits:
        - summary: trait
          description: added
          headers: {properties: {a: {const: trait}, b: {$ref: 'other.yaml#/B'}}}
    """
    channels = {
        "2.6.0": f"  c:\n    publish:\n     message:\n{message}",
        "3.0.0": f"  c:\n   address: c\n   messages:\n    m:\n{message}",
    }
    write(tmp_path, other_yaml="B: {type: string}")
    text = f"asyncapi: {version}\ninfo: {{title: T, version: '1'}}\nchannels:\n"
    service, found = compiled(tmp_path, text + channels[version])
    assert found == ()
    (lowered,) = service.messages
    assert (lowered.summary, lowered.description) == (wins, "added")
    assert lowered.headers is not None
    assert lowered.headers.schema == {
        "properties": {"a": {"const": wins}, "b": {"$ref": "other.yaml#/B"}}
    }


FASTSTREAM = """
asyncapi: 2.6.0
info: {title: Mailer, version: 1.0.0}
channels:
  'mails:_:Send':
    subscribe: {message: {payload: {type: string}}}
  'letters:_:Print':
    subscribe: {message: {payload: {type: string}}}
"""


@pytest.mark.parametrize(
    ("perspective", "told"), [("application", ["faststream-direction"]), ("client", [])]
)
def test_a_document_of_faststream_is_turned_round_by_a_hint(
    perspective: Perspective, told: list[str], tmp_path: Path
) -> None:
    service, found = compiled(tmp_path, FASTSTREAM, options=Options(perspective=perspective))
    assert [code for code in codes(found) if code == "faststream-direction"] == told
    assert len(service.operations) == 2


def test_what_faststream_publishes_is_no_reason_for_the_hint(tmp_path: Path) -> None:
    text = FASTSTREAM.replace(":Send", ":Publisher").replace(":Print", ":Publisher")
    assert codes(compiled(tmp_path, text)[1]) == []
