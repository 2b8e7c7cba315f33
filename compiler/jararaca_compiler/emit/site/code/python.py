"""The Python that publishes a message, sends it, asks with it, and handles it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.examples import sample
from jararaca_compiler.emit.models.messages.requests import reply_type

_WIDTH = 80


def publish(service: ir.Service, message: ir.Message, package: str, payload: Any) -> str:
    """Python that publishes the message with a payload, sends it or asks."""
    name = f"messages.{message.class_name}"
    made = (
        f"from {package}.{message.shared or service.name} import messages\n\n"
        f"message = {name}.model_validate({_literal(payload)})\n"
    )
    if message.kind == "websocket":
        return f'{made}await message.send("a-room")\n'
    arguments = [f"{p.python_name}={_text(sample(p))}" for p in message.parameters]
    if message.replies:
        return f"{made}answer = await message.request({', '.join([*arguments, 'timeout=5'])})\n"
    if not message.topic:
        return made
    return f"{made}await message.publish({', '.join(arguments)})\n"


def handle(method: str, messages: Sequence[ir.Message]) -> str:
    """The head of the handler's method; one of several messages tells them apart."""
    kinds = [f"messages.{message.class_name}" for message in messages]
    answers = dict.fromkeys(reply_type(message, "messages.") for message in messages)
    body = "    payload = message.payload()\n"
    if len(kinds) > 1:
        cases = (f"        case {kind}():\n            ...\n" for kind in kinds)
        body = "    match message.payload():\n" + "".join(cases)
    return (
        f"@MessageHandler({', '.join(kinds)})\n"
        f"async def {method}(\n"
        f"    self, message: MessageOf[{' | '.join(kinds)}]\n"
        f") -> {' | '.join(answers)}:\n"
        f"{body}"
    )


def _text(value: str) -> str:
    """A text in double quotes: JSON's escapes are Python's."""
    return json.dumps(value, ensure_ascii=not value.isprintable())


def _literal(value: Any, indent: str = "") -> str:
    """A JSON value in Python, a member a line where it is too long for one."""
    flat = _flat(value)
    if len(flat) + len(indent) <= _WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    deeper = indent + "    "
    if isinstance(value, list):
        lines = [f"{deeper}{_literal(item, deeper)},\n" for item in value]
        return f"[\n{''.join(lines)}{indent}]"
    lines = [
        f"{deeper}{_text(str(key))}: {_literal(item, deeper)},\n" for key, item in value.items()
    ]
    return f"{{\n{''.join(lines)}{indent}}}"


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(str(k))}: {_flat(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flat(item) for item in value) + "]"
    return _text(value) if isinstance(value, str) else repr(value)
