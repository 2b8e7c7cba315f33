"""Which of its channels a message's own class publishes to: by the document, not by its order."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.contract.compiling import Package, compiled

OPERATIONS = (
    "  sendA: {action: send, channel: {$ref: '#/channels/a'}, bindings: {amqp: {priority: 2}}}\n",
    "  sendB: {action: send, channel: {$ref: '#/channels/b'}}\n",
    "  moreA: {action: send, channel: {$ref: '#/channels/a'}, bindings: {amqp: {priority: 1}}}\n",
    "  onC: {action: receive, channel: {$ref: '#/channels/_c'}}\n",
)
CHANNELS = tuple(
    f"  {key}: {{address: {key}.x, messages: {{Ping: {{$ref: '#/components/messages/Ping'}}}}}}\n"
    for key in ("_c", "a", "b")
)


def document(operations: tuple[str, ...], channels: tuple[str, ...], ping: str = "") -> str:
    return (
        "asyncapi: 3.0.0\ninfo: {title: Pings, version: '1'}\n"
        f"channels:\n{''.join(channels)}operations:\n{''.join(operations)}"
        f"components: {{messages: {{Ping: {{{ping}payload: {{type: object}}}}}}}}\n"
    )


def topics(package: Package) -> dict[str, str]:
    return {kind.__name__: kind.MESSAGE_TOPIC for kind in package.service.messages}


def test_the_order_of_the_document_says_nothing(tmp_path: Path) -> None:
    found = set()
    for operations in itertools.permutations(OPERATIONS):
        for channels in (CHANNELS, CHANNELS[::-1]):
            with compiled(tmp_path, document(operations, channels)) as package:
                found.add(package.generated("messages.py"))
                assert topics(package) == {"Ping": "a.x", "PingToB": "b.x", "PingToC": "_c.x"}
    assert len(found) == 1


def test_a_mandatory_send_says_how_it_is_published(tmp_path: Path) -> None:
    mandatory = OPERATIONS[0].replace("priority: 2", "priority: 2, mandatory: true")
    with compiled(tmp_path, document((mandatory, *OPERATIONS[1:]), CHANNELS)) as package:
        assert package.messages.Ping.MESSAGE_PRIORITY == 2
    with compiled(tmp_path, document(OPERATIONS, CHANNELS)) as package:
        assert package.messages.Ping.MESSAGE_PRIORITY == 1


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("b", {"Ping": "b.x", "PingToA": "a.x", "PingToC": "_c.x"}),
        ("_c", {"Ping": "_c.x", "PingToA": "a.x", "PingToB": "b.x"}),
    ],
)
def test_the_message_may_name_its_channel(
    chosen: str, expected: dict[str, str], tmp_path: Path
) -> None:
    text = document(OPERATIONS, CHANNELS, f"x-channel: {chosen}, ")
    with compiled(tmp_path, text) as package:
        assert topics(package) == expected
        published = package.generated("asyncapi.json")
    with compiled(tmp_path, published, name="published.json") as package:
        assert topics(package) == expected


def test_a_channel_that_it_is_not_on_is_an_error(tmp_path: Path) -> None:
    wrong = compiled(tmp_path, document(OPERATIONS, CHANNELS, "x-channel: d, "))
    with pytest.raises(AssertionError, match="`x-channel: d` is not understood"), wrong:
        pass


def test_the_answers_of_several_operations_have_one_order(tmp_path: Path) -> None:
    asks = tuple(
        f"  ask{key}: {{action: send, channel: {{$ref: '#/channels/asked'}}, reply: {{channel: "
        f"{{$ref: '#/channels/answered'}}, messages: [{{$ref: '#/channels/answered/messages/"
        f"{answer}'}}]}}}}\n"
        for key, answer in (("A", "Yes"), ("B", "No"))
    )
    head = (
        "asyncapi: 3.0.0\ninfo: {title: Pings, version: '1'}\nchannels:\n"
        "  asked: {address: asked, messages: {Ask: {payload: {type: object}}}}\n"
        "  answered: {address: null, messages: {Yes: {payload: {type: object}}, "
        "No: {payload: {type: object}}}}\noperations:\n"
    )
    found = set()
    for operations in (asks, asks[::-1]):
        with compiled(tmp_path, head + "".join(operations)) as package:
            found.add(package.messages.Ask.MESSAGE_REPLIES)
    assert found == {("Yes", "No")}
