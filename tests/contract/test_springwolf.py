"""Documents as Springwolf writes them, by hand: queues and exchanges with every key filled in."""

from __future__ import annotations

from pathlib import Path

from jararaca.testing import TestBus
from jararaca.transport import Properties, Publication

from tests.contract.compiling import compiled

SPRINGWOLF = """
{"asyncapi": "3.0.0",
 "info": {"title": "Springwolf example project - AMQP", "version": "1.0.0"},
 "defaultContentType": "application/json",
 "servers": {"amqp": {"host": "amqp:5672", "protocol": "amqp"}},
 "channels": {
  "#_example-topic-exchange_id": {
   "address": "#",
   "messages": {"io.example.dtos.AnotherPayloadDto": {
     "$ref": "#/components/messages/io.example.dtos.AnotherPayloadDto"}},
   "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": "example-topic-exchange",
     "type": "topic", "durable": true, "autoDelete": false, "vhost": "/"},
     "bindingVersion": "0.3.0"}}},
  "example-queue": {
   "address": "example-queue",
   "messages": {"io.example.dtos.ExamplePayloadDto": {
     "$ref": "#/components/messages/io.example.dtos.ExamplePayloadDto"}},
   "bindings": {"amqp": {"is": "queue", "queue": {"name": "example-queue", "durable": true,
     "exclusive": false, "autoDelete": false, "vhost": "/"}, "bindingVersion": "0.3.0"}}}},
 "operations": {
  "#_example-topic-exchange_id_receive_bindingsExample": {"action": "receive",
   "channel": {"$ref": "#/channels/#_example-topic-exchange_id"},
   "messages": [{"$ref": "#/channels/#_example-topic-exchange_id/messages/\
io.example.dtos.AnotherPayloadDto"}],
   "bindings": {"amqp": {"expiration": 0, "cc": ["#"], "priority": 0, "deliveryMode": 1,
    "mandatory": false, "timestamp": false, "ack": false, "bindingVersion": "0.3.0"}}},
  "example-queue_send_publish": {"action": "send",
   "channel": {"$ref": "#/channels/example-queue"},
   "messages": [{"$ref": "#/channels/example-queue/messages/io.example.dtos.ExamplePayloadDto"}],
   "bindings": {"amqp": {"expiration": 0, "cc": [], "priority": 0, "deliveryMode": 1,
    "mandatory": false, "timestamp": false, "ack": false, "bindingVersion": "0.3.0"}}}},
 "components": {
  "schemas": {
   "SpringDefaultHeaders": {"type": "object", "properties": {"__TypeId__": {"type": "string",
     "enum": ["io.example.dtos.ExamplePayloadDto"]}}},
   "Payload": {"type": "object", "title": "Payload", "required": ["someString"],
     "properties": {"someString": {"type": "string"}}}},
  "messages": {
   "io.example.dtos.AnotherPayloadDto": {"name": "io.example.dtos.AnotherPayloadDto",
    "title": "AnotherPayloadDto", "headers": {"$ref": "#/components/schemas/SpringDefaultHeaders"},
    "payload": {"schemaFormat": "application/vnd.aai.asyncapi+json;version=3.0.0",
      "schema": {"$ref": "#/components/schemas/Payload"}},
    "bindings": {"amqp": {"bindingVersion": "0.3.0"}}},
   "io.example.dtos.ExamplePayloadDto": {"name": "io.example.dtos.ExamplePayloadDto",
    "title": "ExamplePayloadDto", "headers": {"$ref": "#/components/schemas/SpringDefaultHeaders"},
    "payload": {"schemaFormat": "application/vnd.aai.asyncapi+json;version=3.0.0",
      "schema": {"$ref": "#/components/schemas/Payload"}},
    "bindings": {"amqp": {"bindingVersion": "0.3.0"}}}}}}
"""


async def test_their_publisher_our_worker_and_our_publisher_their_queue(tmp_path: Path) -> None:
    with compiled(tmp_path, SPRINGWOLF, name="springwolf.json") as spring:
        kinds = {kind.MESSAGE_NAME: kind for kind in spring.service.messages}
        sent = kinds["io.example.dtos.ExamplePayloadDto"]
        assert (sent.MESSAGE_EXCHANGE, sent.MESSAGE_QUEUE) == ("", "example-queue")
        assert sent.MESSAGE_EXPIRATION is None
        async with TestBus(spring.app) as bus:
            # Spring's template names its class in a header, and leaves AMQP's `type` alone.
            headers = {"__TypeId__": "io.example.dtos.AnotherPayloadDto"}
            for key in ("some.key", "other"):
                await bus.send(
                    Publication(
                        key,
                        b'{"someString": "x"}',
                        "example-topic-exchange",
                        Properties(content_type="application/json"),
                        headers,
                    )
                )
            await bus.settle()
        assert [message.payload().some_string for _, message in spring.handled] == ["x", "x"]
