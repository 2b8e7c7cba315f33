"""What an operation's AMQP binding asks of publications: it goes out, or the author is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jararaca import Message
from jararaca.publishing.publication import publication_of
from jararaca.transport import Terms
from jararaca_compiler.emit.models import emit_models
from jararaca_compiler.pipeline.compilation import read_contract
from jararaca_compiler.project.config import Config


class Urgent(Message):
    MESSAGE_TOPIC = "urgent"
    MESSAGE_PRIORITY = 7
    MESSAGE_REPLY_TO = "answers"


def contract(folder: Path, **amqp: object) -> tuple[str, list[str]]:
    """The generated messages of a service that sends one, and the warnings about it."""
    operation = {"action": "send", "channel": {"$ref": "#/channels/a"}, "bindings": {"amqp": amqp}}
    text = {
        "asyncapi": "3.0.0",
        "info": {"title": "Shop", "version": "1"},
        "channels": {"a": {"address": "a", "messages": {"A": {"payload": {"type": "object"}}}}},
        "operations": {"send_a": operation},
    }
    (folder / "shop.json").write_text(json.dumps(text), encoding="utf-8")
    read = read_contract(Config(sources=("shop.json",)), folder)
    files = emit_models(read.services[0], read.resolver.lookup)
    warnings = [d.message for d in read.diagnostics if d.code == "publishing-without-effect"]
    return "".join(file.source for file in files), warnings


def test_priority_and_reply_to_go_out_with_every_publication() -> None:
    properties = publication_of(Urgent()).properties
    assert (properties.priority, properties.reply_to) == (7, "answers")


class Brief(Message):
    MESSAGE_TOPIC = "brief"
    MESSAGE_EXPIRATION = 500
    MESSAGE_PERSISTENT = False
    MESSAGE_USER_ID = "guest"


def test_expiration_persistence_and_user_go_out_with_every_publication() -> None:
    assert publication_of(Brief()).terms == Terms(500, False, "guest")
    assert publication_of(Urgent()).terms is None


def test_a_delayed_message_does_not_expire_on_its_way() -> None:
    assert publication_of(Brief(), delay=5).terms == Terms(None, False, "guest")


def test_expiration_persistence_and_user_are_on_the_class(tmp_path: Path) -> None:
    text, warnings = contract(tmp_path, expiration=1000, deliveryMode=1, userId="shop")
    assert "    MESSAGE_EXPIRATION = 1000\n    MESSAGE_PERSISTENT = False\n" in text
    assert '    MESSAGE_USER_ID = "shop"\n' in text
    assert warnings == []


def test_priority_and_reply_to_are_on_the_class(tmp_path: Path) -> None:
    text, warnings = contract(tmp_path, priority=0, replyTo="answers", deliveryMode=2)
    assert "    MESSAGE_PRIORITY = 0\n" in text
    assert '    MESSAGE_REPLY_TO = "answers"\n' in text
    assert warnings == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("cc", ["b"]), ("bcc", ["b"])],
)
def test_what_has_no_effect_is_named(tmp_path: Path, key: str, value: object) -> None:
    text, warnings = contract(tmp_path, **{key: value})
    assert "MESSAGE_PRIORITY" not in text
    assert len(warnings) == 1 and f"`{key}`" in warnings[0]


@pytest.mark.parametrize("key", ["ack", "timestamp"])
def test_what_cannot_be_switched_off_is_told(tmp_path: Path, key: str) -> None:
    contract(tmp_path, **{key: False})
    read = read_contract(Config(sources=("shop.json",)), tmp_path)
    (found,) = [d for d in read.diagnostics if d.code == "binding-without-effect"]
    assert f"`{key}: false`" in found.message
    contract(tmp_path, **{key: True})
    read = read_contract(Config(sources=("shop.json",)), tmp_path)
    assert [d.code for d in read.diagnostics] == []


@pytest.mark.parametrize(
    ("priority", "arguments", "codes"),
    [
        (31, {}, []),
        (32, {}, ["priority-too-high"]),
        (255, {"x-max-priority": 255}, []),
    ],
)
def test_a_priority_beyond_the_levels_of_a_quorum_queue_is_told(
    tmp_path: Path, priority: int, arguments: dict[str, int], codes: list[str]
) -> None:
    queue = {"name": "q", "durable": True, "arguments": arguments}
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Shop", "version": "1.0.0"},
        "channels": {
            "c": {
                "address": "c",
                "bindings": {"amqp": {"is": "queue", "queue": queue}},
                "messages": {"M": {"payload": {"type": "object"}}},
            }
        },
        "operations": {
            "o": {
                "action": "send",
                "channel": {"$ref": "#/channels/c"},
                "bindings": {"amqp": {"priority": priority}},
            }
        },
    }
    (tmp_path / "shop.json").write_text(json.dumps(document))
    found = read_contract(Config(sources=("shop.json",)), tmp_path).diagnostics
    assert [each.code for each in found] == codes


@pytest.mark.parametrize(
    ("queue", "codes"),
    [
        ({"name": "q", "durable": False}, ["transient-queue"]),
        ({"name": "q", "durable": False, "autoDelete": True}, ["transient-queue"]),
        ({"name": "q", "durable": False, "exclusive": True}, []),
        ({"name": "q", "autoDelete": True}, []),
    ],
)
def test_a_queue_that_rabbitmq_4_3_refuses_is_told_where_it_is_received(
    tmp_path: Path, queue: dict[str, object], codes: list[str]
) -> None:
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Shop", "version": "1.0.0"},
        "channels": {
            "c": {
                "address": "c",
                "bindings": {"amqp": {"is": "queue", "queue": queue}},
                "messages": {"M": {"payload": {"type": "object"}}},
            }
        },
    }
    for action, told in (("receive", codes), ("send", [])):
        operation = {"action": action, "channel": {"$ref": "#/channels/c"}}
        text = json.dumps({**document, "operations": {"o": operation}})
        (tmp_path / "shop.json").write_text(text)
        found = read_contract(Config(sources=("shop.json",)), tmp_path).diagnostics
        assert [each.code for each in found] == told
