"""Messages and topics keep their names, whatever else the document says and in which order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .front import codes, compiled

HEAD = "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\n"
TWICE = HEAD + """
channels:
  first: {address: a, messages: {ping: {payload: {type: string}}}}
  second: {address: b, messages: {ping: {payload: {type: integer}}}}
operations:
  one: {action: receive, channel: {$ref: '#/channels/first'}}
  two: {action: receive, channel: {$ref: '#/channels/second'}}
"""


def test_messages_of_one_wire_name_both_compile(tmp_path: Path) -> None:
    service, found = compiled(tmp_path, TWICE)
    assert codes(found) == ["conflicting-message"]
    assert [(m.class_name, m.name, m.wire_name) for m in service.messages] == [
        ("FirstPing", "FirstPing", "ping"),
        ("SecondPing", "SecondPing", "ping"),
    ]
    assert [o.handlers[0].message for o in service.operations] == ["FirstPing", "SecondPing"]


def test_the_order_of_channels_renames_nothing(tmp_path: Path) -> None:
    lines = TWICE.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("  first"))
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    one, _ = compiled(tmp_path, TWICE)
    other, _ = compiled(tmp_path, "\n".join(lines))
    assert {(m.class_name, m.topic) for m in one.messages} == {
        (m.class_name, m.topic) for m in other.messages
    }


def test_the_shared_message_keeps_the_short_name(tmp_path: Path) -> None:
    text = TWICE + "components: {messages: {ping: {payload: {type: boolean}}}}\n"
    service, _ = compiled(tmp_path, text)
    assert sorted(m.class_name for m in service.messages) == ["FirstPing", "Ping", "SecondPing"]


def test_operations_whose_ids_differ_in_a_sign_have_queues_of_their_own(tmp_path: Path) -> None:
    text = TWICE.replace("one:", "a.b:").replace("two:", "a-b:")
    service, _ = compiled(tmp_path, text)
    assert len({o.queue for o in service.operations}) == 2


def test_channels_that_look_alike_have_operations_of_their_own(tmp_path: Path) -> None:
    text = """
    asyncapi: 2.6.0
    info: {title: T, version: '1'}
    channels:
      a.b: {publish: {message: {name: m, payload: {type: string}}}}
      a/b: {publish: {message: {name: n, payload: {type: string}}}}
    """
    service, found = compiled(tmp_path, text)
    assert codes(found) == []
    assert sorted(o.id for o in service.operations) == ["on_a_b", "on_a_b_2"]


@pytest.mark.parametrize(
    ("address", "key", "values"),
    [
        ("lights/{id}/on", "lights/7/on", {"id": "7"}),
        ("{a}/{b}", "x/y", {"a": "x", "b": "y"}),
        ("adeo-{env}-COST.{version}", "adeo-dev-1-COST.v2", {"env": "dev-1"}),
        ("a+b{x}", "a+b(1)", {"x": "(1)"}),
    ],
)
def test_a_parameter_inside_a_word_has_its_value(
    tmp_path: Path, address: str, key: str, values: dict[str, str]
) -> None:
    service, found = compiled(tmp_path, TWICE.replace("address: a,", f"address: '{address}',"))
    assert "parameter-inside-word" in codes(found)
    channel = next(c for c in service.channels if c.address == address)
    read = {}
    for parameter in channel.parameters:
        if parameter.pattern is not None:
            match = re.fullmatch(parameter.pattern, key.split(".")[parameter.word])
            read[parameter.name] = match[1] if match else None
    assert read == values
    assert "{" not in service.operations[0].handlers[0].binding_keys[0]


def test_a_topic_of_another_shape_has_no_value(tmp_path: Path) -> None:
    service, _ = compiled(tmp_path, TWICE.replace("address: a,", "address: 'l/{id}/on',"))
    (parameter,) = service.channels[0].parameters
    assert parameter.pattern is not None
    assert re.fullmatch(parameter.pattern, "l/a/b/on") is None
    assert re.fullmatch(parameter.pattern, "l/a/off") is None
