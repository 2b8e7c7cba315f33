"""Publishers that speak AMQP 1.0 to RabbitMQ 4: what they send as a value is handled."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Worker,
    route,
)
from jararaca.operations import dead_letters
from jararaca.transport.connect import transport_for

from tests.support.brokers import Broker, missing, version_of
from tests.support.services import service_of

pytestmark = pytest.mark.broker
QUEUE = f"ten-{uuid4().hex[:8]}"
seen: list[int] = []

PUBLISH = """
application:ensure_all_started(amqp10_client),
{{ok, C}} = amqp10_client:open_connection(#{{address => "127.0.0.1", port => {port},
  hostname => <<"vhost:{vhost}">>, container_id => <<"test">>,
  sasl => {{plain, <<"guest">>, <<"guest">>}}}}),
{{ok, S}} = amqp10_client:begin_session_sync(C),
{{ok, L}} = amqp10_client:attach_sender_link_sync(S, <<"sender">>, <<"/queues/{queue}">>),
receive {{amqp10_event, {{link, L, credited}}}} -> ok after 5000 -> late end,
[amqp10_client:send_msg(L, amqp10_msg:new(integer_to_binary(N), B, true)) || {{N, B}} <- [
  {{1, {{'v1_0.amqp_value', {{utf8, <<"{{\\"number\\": 1}}">>}}}}}},
  {{2, {{'v1_0.amqp_value', {{map, [{{{{utf8, <<"number">>}}, {{uint, 2}}}}]}}}}}},
  {{3, {{'v1_0.data', <<"{{\\"number\\": 3}}">>}}}},
  {{4, {{'v1_0.amqp_value', {{map, [{{{{uint, 1}}, {{uint, 2}}}}]}}}}}}]],
amqp10_client:send_msg(L, amqp10_msg:set_properties(
  #{{reply_to => <<"amq.rabbitmq.reply-to">>}}, amqp10_msg:new(<<"5">>, <<"no JSON">>, true))),
timer:sleep(500), amqp10_client:close_connection(C).
"""


class Ten(Message):
    MESSAGE_TOPIC = QUEUE
    MESSAGE_TYPE = "task"
    number: int


@MessageBusController()
class Handlers:
    @MessageHandler(Ten)
    async def ten(self, message: MessageOf[Ten]) -> None:
        seen.append(message.payload().number)


async def test_texts_and_maps_are_handled_and_what_is_no_json_is_named(
    each_broker: Broker,
) -> None:
    if await version_of(each_broker.url) < (4, 0):
        pytest.skip("RabbitMQ speaks AMQP 1.0 without a plugin from 4.0 on")
    if each_broker.control is None:
        missing("nobody may run an AMQP 1.0 client of the broker's")
    seen.clear()
    service = service_of(
        route(
            operation="ten",
            queue=QUEUE,
            binding_keys=(QUEUE,),
            message=Ten,
            controller=Handlers,
            handler=Handlers.ten,
        )
    )
    transport = transport_for(each_broker.url)
    worker = Worker(Microservice(service), transport)
    await worker.start()
    parts = urlsplit(each_broker.url)
    publish = PUBLISH.format(port=parts.port, vhost=parts.path[1:], queue=QUEUE)
    await asyncio.to_thread(each_broker.control, "eval", publish)
    async with asyncio.timeout(20):
        while len(seen) < 3 or await transport.count(f"{QUEUE}.dead-letters") < 2:
            await asyncio.sleep(0.05)
    letters = await dead_letters.list_dead_letters(transport, QUEUE)
    await worker.stop()
    # RabbitMQ would close the channel of a copy that named its own address for answers.
    letter, asking = sorted(letters, key=lambda each: each.delivery.body == b"no JSON")
    assert asking.delivery.body == b"no JSON"
    assert sorted(seen) == [1, 2, 3]
    assert letter.reason == (
        "the body is an AMQP 1.0 map whose keys are no texts: "
        "send JSON as data, as text or as a map"
    )
