"""Examples as JSON, and the Python that publishes and handles a message."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.models.messages.requests import reply_type

_WIDTH = 60


def pretty(value: Any) -> str:
    """JSON as people read it."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def publish(service: ir.Service, message: ir.Message, package: str) -> str:
    """Python that publishes the message, sends it or asks; its first example, if it has one."""
    name = f"messages.{message.class_name}"
    payload = "payload"
    if message.examples:
        payload = _literal(message.examples[0].payload)
    if message.kind == "websocket":
        return (
            f"from {package}.{message.shared or service.name} import messages\n\n"
            f"message = {name}.model_validate({payload})\n"
            'await message.send("a-room")\n'
        )
    arguments = [f'{p.python_name}="{_value(p)}"' for p in message.parameters]
    sending = f"await message.publish({', '.join(arguments)})"
    if message.replies:
        sending = f"answer = await message.request({', '.join([*arguments, 'timeout=5'])})"
    return (
        f"from {package}.{message.shared or service.name} import messages\n\n"
        f"message = {name}.model_validate({payload})\n"
        f"{sending}\n"
    )


def command(message: ir.Message) -> str:
    """The same from a shell."""
    return f"jararaca publish {shlex.quote(message.topic)} --example"


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


def _value(parameter: ir.Parameter) -> str:
    known = (*parameter.examples, *parameter.enum, parameter.default or parameter.name)
    return known[0].replace("\\", "\\\\").replace('"', '\\"')


def _literal(value: Any, indent: str = "") -> str:
    """A JSON value in Python, a member a line where it is too long for one."""
    flat = repr(value)
    if len(flat) + len(indent) <= _WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    deeper = indent + "    "
    if isinstance(value, list):
        lines = [f"{deeper}{_literal(item, deeper)},\n" for item in value]
        return f"[\n{''.join(lines)}{indent}]"
    lines = [f"{deeper}{key!r}: {_literal(item, deeper)},\n" for key, item in value.items()]
    return f"{{\n{''.join(lines)}{indent}}}"
