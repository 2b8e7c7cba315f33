"""AMQP bindings mean what they say, also as generators write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from jararaca.contract.topology import dead_letter_queue
from jararaca.publishing.publication import publication_of
from jararaca.testing import TestBus
from jararaca.transport import Properties, Publication
from jararaca_compiler.pipeline.compilation import read_contract
from jararaca_compiler.project.config import Config

from tests.contract.compiling import Package, compiled

ONE = """
    asyncapi: 3.0.0
    info: {{title: One, version: 1.0.0}}
    channels:
      orders:
        address: {address}
        parameters: {{level: {{}}}}
        bindings: {{amqp: {{{binding}}}}}
        messages: {{Order: {{payload: {{type: object, properties: {{id: {{type: integer}}}}}}}}}}
    operations:
      {operation}: {{action: {action}, channel: {{$ref: '#/channels/orders'}}, bindings: {asked}}}
    """
CODES = ["binding-without-effect"]


def one(
    binding: str, address: str = "orders", action: str = "send", asked: str = "{amqp: {}}"
) -> str:
    operation = "sendOrder" if action == "send" else "onOrder"
    text = ONE.format(
        binding=binding, address=address, action=action, asked=asked, operation=operation
    )
    return text if "{level}" in address else text.replace("        parameters: {level: {}}\n", "")


@pytest.mark.parametrize(
    ("binding", "address", "expected"),
    [
        ("is: queue, queue: {name: orders.in, durable: true}", "orders", ("", "orders.in")),
        ("is: queue, queue: {durable: true}", "orders", ("", "orders")),
        ("is: queue", "orders", ("", "orders")),
        ("is: routingKey, exchange: {type: default}, queue: {name: q}", "orders", ("", "q")),
        ("is: routingKey, exchange: {type: default}", "orders", ("", "orders")),
        ("is: queue, queue: {name: q}, exchange: {name: e}", "orders", ("e", "orders")),
        ("is: routingKey, exchange: {name: e}, queue: {name: q}", "orders", ("e", "orders")),
    ],
)
def test_a_message_that_is_only_sent_goes_where_its_channel_says(
    tmp_path: Path, binding: str, address: str, expected: tuple[str, str]
) -> None:
    with compiled(tmp_path, one(binding, address)) as package:
        made = publication_of(package.messages.Order())
        declared = [queue.name for queue in package.service.topology.queues]
    assert (made.exchange, made.routing_key) == expected
    assert declared == [], "the queue is its receiver's to declare"


async def test_a_queue_that_the_service_receives_is_reached_as_before(tmp_path: Path) -> None:
    with compiled(tmp_path, one("is: queue, queue: {name: q}", action="receive")) as package:
        async with TestBus(package.app) as bus:
            await package.messages.Order(id=1).publish()
            await bus.send(Publication("q", b"{}", "", Properties(type="Order")))
            await bus.settle()
    assert [message.topic for _, message in package.handled] == ["orders", "q"]


@pytest.mark.parametrize("value", ["0", "0.0"])
def test_an_expiration_of_zero_is_told_and_unset(tmp_path: Path, value: str) -> None:
    text = one("", asked=f"{{amqp: {{expiration: {value}, priority: 0, deliveryMode: 1}}}}")
    with compiled(tmp_path, text) as package:
        made = publication_of(package.messages.Order())
        assert package.codes == CODES
    assert made.terms is not None and made.terms.expiration is None
    assert not made.terms.persistent and made.properties.priority == 0


@pytest.mark.parametrize("type_", ["fanout", "headers"])
@pytest.mark.parametrize("address", ["'audit/{level}'", "'audit.{level}'", "'{level}'", "audit"])
async def test_what_comes_through_an_exchange_without_keys_is_handled(
    tmp_path: Path, type_: str, address: str
) -> None:
    binding = f"is: routingKey, exchange: {{name: runs, type: {type_}}}"
    with compiled(tmp_path, one(binding, address, "receive")) as package:
        async with TestBus(package.app) as bus:
            for key in ("", "anything.at.all"):
                await bus.send(Publication(key, b'{"id": 1}', "runs", Properties(type="Order")))
            await bus.settle()
        assert [message.parameters for _, message in package.handled] == [{}, {}]
        assert ("parameter-without-value" in package.codes) == ("{level}" in address)


async def test_what_the_default_exchange_carries_comes_to_the_queue_of_that_name(
    tmp_path: Path,
) -> None:
    text = one("is: routingKey, exchange: {type: default}", action="receive")
    with compiled(tmp_path, text) as package:
        async with TestBus(package.app) as bus:
            await package.messages.Order(id=1).publish()
            await bus.settle()
        assert len(package.handled) == 1


@pytest.mark.parametrize(
    ("binding", "address"),
    [
        ("is: queue, queue: {exclusive: true}", "'{level}'"),
        ("is: routingKey, exchange: {type: default}", "'audit.{level}'"),
        ("is: queue, exchange: {name: ''}", "'audit.{level}'"),
    ],
)
def test_a_queue_named_by_its_parameter_gets_only_what_is_sent_to_it(
    tmp_path: Path, binding: str, address: str
) -> None:
    text = one(binding, address, "receive")
    with compiled(tmp_path, text) as package:
        assert package.codes == ["queue-named-by-parameter"]
        assert package.service.topology.bindings == ()
        assert package.service.routes[0].queue == "one.on_order"


def arguments_of(package: Package, queue: str) -> dict[str, object]:
    found = {each.name: each for each in package.service.topology.queues}
    assert dead_letter_queue(queue) in found
    return dict(found[queue].arguments)


@pytest.mark.parametrize(
    "written",
    [
        "arguments: {x-queue-type: classic, x-max-length: 10}",
        "x-queue-type: classic, x-max-length: 10",
    ],
)
def test_the_queues_own_arguments_win(tmp_path: Path, written: str) -> None:
    text = one(f"is: queue, queue: {{name: q, {written}}}", action="receive")
    with compiled(tmp_path, text) as package:
        assert package.codes == []
        assert arguments_of(package, "q") == {
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": "q.dead-letters",
            "x-max-length": 10,
            "x-queue-type": "classic",
        }


def test_what_is_not_honoured_is_told(tmp_path: Path) -> None:
    text = one("is: queue, queue: {name: q, vhost: /other}", action="receive").replace(
        "Order: {payload", "Order: {bindings: {amqp: {contentEncoding: gzip}}, payload"
    )
    with compiled(tmp_path, text) as package:
        assert sorted(package.codes) == [*CODES, "vhost-without-effect"]


@pytest.mark.parametrize("url", ["user:secret@broker.example.org/vh", "secret@broker.example.org"])
def test_a_password_of_a_server_is_not_published(tmp_path: Path, url: str) -> None:
    text = one("").replace(
        "channels:", f"servers: {{s: {{host: '{url}', protocol: amqp}}}}\n    channels:", 1
    )
    with compiled(tmp_path, text) as package:
        assert package.codes == ["password-in-server"]
        assert "secret" not in "".join(package.files.values())
        assert "broker.example.org" in package.generated("asyncapi.json")


def test_variables_in_the_place_of_user_and_password_are_no_secret(tmp_path: Path) -> None:
    servers = "servers: {s: {host: '{user}:{password}@broker.example.org', protocol: amqp}}"
    with compiled(
        tmp_path, one("").replace("channels:", f"{servers}\n    channels:", 1)
    ) as package:
        assert package.codes == []
        assert "{user}:{password}@broker.example.org" in package.generated("asyncapi.json")


OF_CHANNEL = ("{amqp: {}}\n        messages", "{KEY: {}}\n        messages")
OF_OPERATION = (", bindings: {amqp: {}}", ", bindings: {KEY: {}}")
OF_MESSAGE = ("Order: {payload", "Order: {bindings: {KEY: {}}, payload")
OF_TRAIT = ("Order: {payload", "Order: {traits: [{bindings: {KEY: {}}}], payload")
OF_SERVER = (
    "channels:\n",
    "servers: {s: {host: h, protocol: amqp, bindings: {KEY: {}}}}\n    channels:\n",
)


@pytest.mark.parametrize("place", [OF_CHANNEL, OF_OPERATION, OF_MESSAGE, OF_TRAIT, OF_SERVER])
@pytest.mark.parametrize("key", ["wss", "amqps", "mqtts", "grpc"])
def test_a_binding_of_an_unknown_protocol_is_a_warning(
    tmp_path: Path, key: str, place: tuple[str, str]
) -> None:
    before, after = place
    assert before in one("")
    with compiled(tmp_path, one("").replace(before, after.replace("KEY", key))) as package:
        assert package.codes == ["unknown-key"]


@pytest.mark.parametrize("name", ["''", "null"])
@pytest.mark.parametrize("what", ["is: queue, queue", "is: queue, exchange: {name: e}, queue"])
def test_a_name_that_names_nothing_is_told(tmp_path: Path, what: str, name: str) -> None:
    with compiled(tmp_path, one(f"{what}: {{name: {name}}}")) as package:
        assert package.codes == CODES


def test_an_exchange_that_is_called_null_is_told(tmp_path: Path) -> None:
    with compiled(tmp_path, one("is: routingKey, exchange: {name: null}")) as package:
        assert package.codes == CODES
        assert package.messages.Order.MESSAGE_EXCHANGE is None


@pytest.mark.parametrize("what", ["is: routingKey, exchange", "is: queue, queue"])
@pytest.mark.parametrize("value", ["[]", "text", "1"])
def test_what_is_no_object_is_one_error(tmp_path: Path, what: str, value: str) -> None:
    (tmp_path / "one.yaml").write_text(one(f"{what}: {value}"), encoding="utf-8")
    found = read_contract(Config(sources=("one.yaml",)), tmp_path).diagnostics
    assert [(each.code, each.severity) for each in found] == [("wrong-type", "error")]
