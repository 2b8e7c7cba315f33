"""A message on several channels can be published to each of them, typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from jararaca import PublishHeadersError, UnroutableError
from jararaca.testing import TestBus

from tests.contract.compiling import compiled
from tests.support.type_checking import assert_strictly_typed

TWO = """
    asyncapi: 3.0.0
    info: {title: Two, version: 1.0.0}
    channels:
      a: {address: a.one, messages: {Ping: {$ref: '#/components/messages/Ping'}}}
      b: {address: b.two, messages: {Ping: {$ref: '#/components/messages/Ping'}}}
      c-d:
        address: 'c.{region}'
        parameters: {region: {enum: [eu, us]}}
        messages: {Ping: {$ref: '#/components/messages/Ping'}}
        bindings: {amqp: {is: routingKey, exchange: {name: regions, type: topic}}}
    operations:
      sendA: {action: send, channel: {$ref: '#/channels/a'}, bindings: {amqp: {priority: 3}}}
      sendB: {action: send, channel: {$ref: '#/channels/b'}, bindings: {amqp: {mandatory: true}}}
      sendC: {action: send, channel: {$ref: '#/channels/c-d'}}
      onB: {action: receive, channel: {$ref: '#/channels/b'}}
      onC: {action: receive, channel: {$ref: '#/channels/c-d'}}
    components:
      messages:
        Ping:
          headers: {type: object, required: [tenant], properties: {tenant: {type: string}}}
          correlationId: {location: '$message.header#/corr'}
          payload: {type: object, required: [id], properties: {id: {type: integer}}}
    """


async def test_each_channel_can_be_published_to(tmp_path: Path) -> None:
    with compiled(tmp_path, TWO) as two:
        async with TestBus(two.app) as bus:
            headers = two.messages.Ping.Headers(tenant="t")
            await two.messages.PingToB(id=1).publish(headers=headers)
            await two.messages.PingToCD(id=2).publish(region="eu", headers=headers)
            await two.messages.Ping(id=3).publish(headers=headers)
            await bus.settle()
        found = [(method, m.topic, m.payload().id, m.parameters) for method, m in two.handled]
    assert sorted(found) == [("on_b", "b.two", 1, {}), ("on_c", "c.eu", 2, {"region": "eu"})]


def test_what_exists_keeps_its_name_and_each_class_its_own_terms(tmp_path: Path) -> None:
    with compiled(tmp_path, TWO) as two:
        classes = {kind.__name__: kind for kind in two.service.messages}
    assert list(classes) == ["Ping", "PingToB", "PingToCD"]
    ping, b, c = classes.values()
    assert (ping.MESSAGE_TOPIC, b.MESSAGE_TOPIC, c.MESSAGE_TOPIC) == (
        "a.one",
        "b.two",
        "c.{region}",
    )
    assert {kind.MESSAGE_NAME for kind in classes.values()} == {"Ping"}
    assert (ping.MESSAGE_PRIORITY, b.MESSAGE_PRIORITY, c.MESSAGE_PRIORITY) == (3, None, None)
    assert (ping.MESSAGE_MANDATORY, b.MESSAGE_MANDATORY) == (None, True)
    assert (ping.MESSAGE_EXCHANGE, c.MESSAGE_EXCHANGE) == (None, "regions")


async def test_a_missing_header_is_refused_on_every_channel(tmp_path: Path) -> None:
    with compiled(tmp_path, TWO) as two:
        async with TestBus(two.app):
            for publishing in (
                two.messages.Ping(id=1).publish(),
                two.messages.PingToB(id=1).publish(headers={"tenant": 7}),
                two.messages.PingToCD(id=1).publish(region="eu", headers={"other": "x"}),
                two.messages.PingToB(id=1).delay(1),
            ):
                with pytest.raises(PublishHeadersError, match="tenant"):
                    await publishing


def test_two_channels_on_one_address_are_one_place(tmp_path: Path) -> None:
    with compiled(tmp_path, TWO.replace("b.two", "a.one")) as two:
        assert [kind.__name__ for kind in two.service.messages] == ["Ping", "PingToCD"]


def test_a_message_of_that_name_keeps_it(tmp_path: Path) -> None:
    text = TWO.replace("messages:\n        Ping:", "messages:\n        PingToB: {}\n        Ping:")
    with compiled(tmp_path, text) as two:
        assert two.messages.PingToB.MESSAGE_TOPIC == ""
        assert two.messages.PingToChannelB.MESSAGE_TOPIC == "b.two"


USES = """
from {package} import messages


async def use() -> None:
    ping = messages.PingToCD(id=1)
    await ping.publish(region="eu", headers=messages.Ping.Headers(tenant="t"))
    await messages.PingToB(id=1).publish(headers={{"tenant": "t"}})
    await ping.publish(region="mars")  # type: ignore[arg-type]
    await messages.PingToB(id="1").publish()  # type: ignore[arg-type]
"""


def test_it_is_typed(tmp_path: Path) -> None:
    with compiled(tmp_path, TWO) as two:
        package = two.messages.__name__.rpartition(".")[0]
    (tmp_path / "uses.py").write_text(USES.format(package=package), encoding="utf-8")
    assert_strictly_typed("uses.py", folder=tmp_path)


OLDER = """
    asyncapi: 2.6.0
    info: {title: Lights, version: 1.0.0}
    channels:
      turn.on: {subscribe: {message: {$ref: '#/components/messages/turn'}}}
      turn.off: {subscribe: {message: {$ref: '#/components/messages/turn'}}}
    components: {messages: {turn: {payload: {type: object}}}}
    """


def test_an_older_document_too(tmp_path: Path) -> None:
    with compiled(tmp_path, OLDER) as lights:
        topics = {kind.__name__: kind.MESSAGE_TOPIC for kind in lights.service.messages}
        assert lights.codes == ["first-by-key"]
    assert topics == {"Turn": "turn.off", "TurnToTurnOn": "turn.on"}


def test_an_older_document_names_its_channel(tmp_path: Path) -> None:
    text = OLDER.replace("turn: {payload", "turn: {x-channel: turn.on, payload")
    with compiled(tmp_path, text) as lights:
        topics = {kind.__name__: kind.MESSAGE_TOPIC for kind in lights.service.messages}
        assert lights.codes == []
    assert topics == {"Turn": "turn.on", "TurnToTurnOff": "turn.off"}


REQUESTS = """
    asyncapi: 3.0.0
    info: {title: Asks, version: 1.0.0}
    channels:
      a: {address: a.ask, messages: {Ask: {$ref: '#/components/messages/Ask'}}}
      b:
        address: 'b.{n}'
        parameters: {n: {}}
        messages: {Ask: {$ref: '#/components/messages/Ask'}}
      answers: {address: null, messages: {Answer: {$ref: '#/components/messages/Answer'}}}
    operations:
      askA:
        action: send
        channel: {$ref: '#/channels/a'}
        reply: {channel: {$ref: '#/channels/answers'}}
      askB:
        action: send
        channel: {$ref: '#/channels/b'}
        reply: {channel: {$ref: '#/channels/answers'}}
    components:
      messages: {Ask: {payload: {type: object}}, Answer: {payload: {type: object}}}
    """


async def test_a_request_goes_to_each_channel(tmp_path: Path) -> None:
    with compiled(tmp_path, REQUESTS) as asks:
        async with TestBus(asks.app) as bus:
            await bus.answer(asks.messages.AskToB, asks.messages.Answer())
            answer = await asks.messages.AskToB().request(n="x", timeout=5)
            assert isinstance(answer, asks.messages.Answer)


async def test_a_mandatory_channel_of_several_says_when_nobody_listens(tmp_path: Path) -> None:
    text = TWO.replace("      onB: {action: receive, channel: {$ref: '#/channels/b'}}\n", "")
    with compiled(tmp_path, text) as two:
        async with TestBus(two.app):
            with pytest.raises(UnroutableError):
                await two.messages.PingToB(id=1).publish(headers={"tenant": "t"})
