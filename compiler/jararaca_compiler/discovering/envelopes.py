"""What a message is called: by AMQP's `type`, by headers, or by the envelope of a framework."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jararaca_compiler.discovering.contents import Content
from jararaca_compiler.listening.heard import HeardMessage


@dataclass(frozen=True, slots=True)
class Named:
    """A message's name, how it is known, and the framework whose envelope it came in.

    `within` is where the message itself stands in the body; empty: the body is the message.
    """

    name: str
    by: str
    envelope: str = ""
    within: str = ""
    is_task: bool = False


NAMING_HEADERS = (
    *("cloudEvents:type", "cloudEvents_type", "ce-type", "ce_type"),
    *("__TypeId__", "x-message-type", "message-type", "message_type", "messageType"),
    *("event-type", "event_type", "eventType", "event-name", "rbs2-msg-type"),
)
"""Headers of known frameworks (CloudEvents, Spring, Rebus), and what people call such a header."""


def named(message: HeardMessage, content: Content) -> Named | None:
    """The name that the publisher gives; None where nothing says it but the shape."""
    headers, body = message.headers, content.value if content.is_json else None
    for find in (_celery, _mass_transit, _service_bus, _cloud_event, _dramatiq, _taskiq):
        found = find(headers, body)
        if found is not None:
            return found
    if message.properties.type:
        return Named(message.properties.type, "type")
    for name in NAMING_HEADERS:
        if isinstance(headers.get(name), str) and headers[name]:
            envelope = "CloudEvents, in headers" if name.lower().startswith(("ce", "cloud")) else ""
            return Named(_class_name(headers[name]), f"header {name}", envelope)
    return None


def _celery(headers: Mapping[str, Any], body: Any) -> Named | None:
    """Protocol 2: https://docs.celeryq.dev/en/stable/internals/protocol.html."""
    if isinstance(headers.get("task"), str) and "id" in headers and "lang" in headers:
        within = "/0 and /1" if isinstance(body, list) else ""
        return Named(headers["task"], "header task", "Celery 2", within, is_task=True)
    if isinstance(body, dict) and {"task", "id", "args", "kwargs"} <= body.keys():
        return Named(str(body["task"]), "task", "Celery 1", "/args and /kwargs", is_task=True)
    return None


def _mass_transit(headers: Mapping[str, Any], body: Any) -> Named | None:
    types = body.get("messageType") if isinstance(body, dict) else None
    if isinstance(types, list) and types and isinstance(types[0], str) and "message" in body:
        return Named(_class_name(types[0]), "messageType", "MassTransit", "/message")
    return None


def _service_bus(headers: Mapping[str, Any], body: Any) -> Named | None:
    types = headers.get("NServiceBus.EnclosedMessageTypes")
    if isinstance(types, str) and types:
        return Named(_class_name(types.split(";")[0].split(",")[0]), "header", "NServiceBus")
    return None


def _cloud_event(headers: Mapping[str, Any], body: Any) -> Named | None:
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        return None
    if isinstance(body.get("specversion"), str) and "source" in body:
        return Named(body["type"], "CloudEvents' type", "CloudEvents", "/data")
    return None


def _dramatiq(headers: Mapping[str, Any], body: Any) -> Named | None:
    if isinstance(body, dict) and {"actor_name", "queue_name", "args", "kwargs"} <= body.keys():
        within = "/args and /kwargs"
        return Named(str(body["actor_name"]), "actor_name", "dramatiq", within, is_task=True)
    return None


def _taskiq(headers: Mapping[str, Any], body: Any) -> Named | None:
    if isinstance(body, dict) and {"task_id", "task_name", "args", "kwargs"} <= body.keys():
        within = "/args and /kwargs"
        return Named(str(body["task_name"]), "task_name", "taskiq", within, is_task=True)
    if isinstance(headers.get("task_name"), str) and "task_id" in headers:
        return Named(headers["task_name"], "header task_name", "taskiq", "", is_task=True)
    return None


def _class_name(text: str) -> str:
    """`urn:message:Shop.Orders:OrderPlaced` and `com.shop.OrderPlaced` -> OrderPlaced."""
    last = re.split(r"[:]", text.strip())[-1]
    qualified = re.fullmatch(r"(?:\w+\.)+([A-Z]\w*)", last)
    return qualified[1] if qualified else last
