"""Which messages go over WebSockets, and what the compiler makes of them elsewhere."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from jararaca_compiler import ir

from .front import codes, compiled
from .site import published

BOUND = """
asyncapi: 3.0.0
info: {title: Shop, version: '1'}
SERVERS
channels:
  live:
    address: /live/{user}
    parameters: {user: {}}
    CHANNEL
    messages:
      Update: {MESSAGE payload: {type: object}}
operations:
  tell: {action: send, channel: {$ref: '#/channels/live'}}
  hear: {action: receive, channel: {$ref: '#/channels/live'}}
"""


def kinds(service: ir.Service) -> dict[str, str]:
    return {message.name: message.kind for message in service.messages}


def document(servers: str = "", channel: str = "", message: str = "") -> str:
    text = BOUND.replace("SERVERS", servers).replace("CHANNEL", channel)
    return text.replace("MESSAGE", message)


WS = "servers: {a: {host: x, protocol: ws}, b: {host: y, protocol: wss}}"
BOTH = "servers: {a: {host: x, protocol: ws}, b: {host: y, protocol: amqp}}"
ON_A = "servers: [{$ref: '#/servers/a'}]"


@pytest.mark.parametrize(
    ("servers", "channel", "message"),
    [
        ("", "bindings: {ws: {}}", ""),
        ("", "bindings: {ws: {}, x-note: 1}", ""),
        (WS, "", ""),
        (BOTH, ON_A, ""),
        (BOTH, "bindings: {ws: {method: GET}}", ""),
    ],
)
def test_a_ws_binding_or_servers_of_websockets_alone_need_no_queue_and_no_warning(
    tmp_path: Path, servers: str, channel: str, message: str
) -> None:
    service, found = compiled(tmp_path, document(servers, channel, message))
    assert kinds(service) == {"Update": "websocket"}
    assert codes(found) == []
    assert service.topology.queues == () and service.topology.bindings == ()
    assert [operation.handlers for operation in service.operations] == [(), ()]


@pytest.mark.parametrize(
    ("servers", "channel"),
    [
        ("", ""),
        (BOTH, ""),
        (WS, "bindings: {amqp: {is: routingKey}}"),
        ("", "bindings: {ws: {}, amqp: {is: routingKey}}"),
    ],
)
def test_a_channel_that_may_be_the_brokers_is_the_brokers(
    tmp_path: Path, servers: str, channel: str
) -> None:
    service, _ = compiled(tmp_path, document(servers, channel))
    assert kinds(service) == {"Update": "event"}
    assert len(service.topology.queues) == 2


def test_a_message_that_is_on_the_broker_too_stays_the_brokers_and_is_told(tmp_path: Path) -> None:
    shared = (
        document(channel="bindings: {ws: {}}")
        .replace(
            "operations:",
            "  told: {address: told, messages: {U: {$ref: '#/components/messages/U'}}}\n"
            "operations:",
        )
        .replace("Update: { payload: {type: object}}", "U: {$ref: '#/components/messages/U'}")
    )
    service, found = compiled(
        tmp_path, shared + "components: {messages: {U: {payload: {type: object}}}}\n"
    )
    assert kinds(service) == {"U": "event"}
    assert [message.topic for message in service.messages] == ["told"]
    assert codes(found) == ["queued-on-websocket"]
    assert service.topology.queues == ()


def test_asyncapi_2_has_websockets_too(tmp_path: Path) -> None:
    service, found = compiled(
        tmp_path,
        """
        asyncapi: 2.6.0
        info: {title: Shop, version: '1'}
        servers: {live: {url: wss://live.example.org, protocol: wss}}
        channels:
          /live:
            subscribe: {message: {name: Update, payload: {type: object}}}
            publish: {message: {name: Say, payload: {type: object}}}
        """,
    )
    assert kinds(service) == {"Update": "websocket", "Say": "websocket"}
    assert codes(found) == [] and service.topology.queues == ()


def test_a_json_schema_needs_no_topic_to_be_a_websocket_message(tmp_path: Path) -> None:
    service, found = compiled(
        tmp_path,
        """
        {"$defs": {
          "Update": {"x-message-type": "websocket", "type": "object"},
          "Told": {"x-message-type": "websocket", "x-message-topic": "told", "type": "object"}
        }}
        """,
        name="shop.json",
    )
    assert kinds(service) == {"Update": "websocket", "Told": "websocket"}
    assert codes(found) == [] and service.topology.queues == ()
    assert [channel.key for channel in service.channels] == ["told"]


def test_a_request_over_websockets_is_no_request(tmp_path: Path) -> None:
    text = document(channel="bindings: {ws: {}}").replace(
        "channel: {$ref: '#/channels/live'}}\n  hear",
        "channel: {$ref: '#/channels/live'}, reply: {channel: {$ref: '#/channels/live'}}}\n  hear",
    )
    service, _ = compiled(tmp_path, text)
    assert [message.replies for message in service.messages] == [()]


def test_the_page_of_the_message_sends_it_to_a_room(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(document(channel="bindings: {ws: {}}"))
    files = published(["shop.yaml"], tmp_path)
    page = files["shop/messages/Update.html"]
    assert 'await message.send("a-room")' in html.unescape(re.sub("<[^>]+>", "", page))
    assert "jararaca publish" not in page and "Exchange</dt>" not in page
    assert "hear</a>" in page and "Handled by" not in page
    assert "WebSocket message" in files["index.html"]
    assert ">WebSockets</text>" in files["index.html"]
