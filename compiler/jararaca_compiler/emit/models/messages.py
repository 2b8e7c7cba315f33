"""A message class as text: where it is published, its fields, and a `publish` of its own."""

from __future__ import annotations

from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.models.class_text import class_text, docstring_paragraphs
from jararaca_compiler.emit.models.classes import Body, ClassScope, Module
from jararaca_compiler.emit.models.requests import (
    argument_text,
    headers_argument,
    request_text,
    taken_by,
    values_text,
)
from jararaca_compiler.emit.python.formatting import docstring, statement, string
from jararaca_compiler.emit.types.builder import is_class

TRANSIENT = 1
"""AMQP's delivery mode of a message that need not outlive the broker."""


def message_text(message: ir.Message, module: Module) -> str:
    """The class of a message."""
    schema = _payload(message, module)
    flat = module.builder.schemas.flat(schema)
    keywords = flat.keywords
    notes = (message.title or keywords.get("title"), message.summary)
    about = message.description or keywords.get("description")
    deprecated = "Deprecated." if message.deprecated else None
    doc = docstring(docstring_paragraphs(message.class_name, *notes, about, deprecated), 4)
    settings = _settings(message)
    base = "Message" if message.kind != "websocket" else "WebSocketMessage"
    if not (is_class(keywords) or _is_bare(keywords)):
        return _root(message, schema, doc, settings, module)
    body = Body(module, flat, 1, taken_by(message))
    headers = _headers(message, module, body.scope)
    blocks = body.lines()
    methods = [_publish(message, headers), request_text(message, headers)]
    return class_text(message.class_name, base, doc, [settings, *blocks, *methods], 0)


def _payload(message: ir.Message, module: Module) -> Any:
    """The payload's schema: a component that it refers to as its own."""
    schemas, schema = module.builder.schemas, message.payload.schema
    ref = schemas.only_ref(schema)
    return schema if ref is None else schemas.follow(ref).value


def _is_bare(keywords: dict[str, object]) -> bool:
    """An object of which nothing is said: a message without fields of its own."""
    values = keywords.get("additionalProperties", True)
    plain = values is True or values is False or values == {}
    return keywords.get("type") == "object" and plain and not {"enum", "const"} & keywords.keys()


def _settings(message: ir.Message) -> str:
    if message.kind == "websocket":
        return _name(message)
    lines = [statement(f"MESSAGE_TOPIC = {string(message.topic)}", 4)]
    if message.kind != "event":
        lines.append(statement(f"MESSAGE_TYPE = {string(message.kind)}", 4))
    lines.append(_name(message))
    if message.exchange is not None:
        lines.append(statement(f"MESSAGE_EXCHANGE = {string(message.exchange)}", 4))
    if message.mandatory != (message.kind == "task"):
        lines.append(statement(f"MESSAGE_MANDATORY = {message.mandatory}", 4))
    if message.content_type != "application/json":
        lines.append(statement(f"MESSAGE_CONTENT_TYPE = {string(message.content_type)}", 4))
    if message.publishing.priority is not None:
        lines.append(statement(f"MESSAGE_PRIORITY = {message.publishing.priority}", 4))
    if message.publishing.reply_to is not None:
        lines.append(statement(f"MESSAGE_REPLY_TO = {string(message.publishing.reply_to)}", 4))
    if message.replies:
        names = ", ".join(string(wire_name) for _, wire_name in message.replies)
        only = "," if len(message.replies) == 1 else ""
        lines.append(statement(f"MESSAGE_REPLIES = ({names}{only})", 4))
    if message.publishing.expiration is not None:
        lines.append(statement(f"MESSAGE_EXPIRATION = {message.publishing.expiration}", 4))
    if message.publishing.delivery_mode == TRANSIENT:
        lines.append(statement("MESSAGE_PERSISTENT = False", 4))
    if message.publishing.user_id is not None:
        lines.append(statement(f"MESSAGE_USER_ID = {string(message.publishing.user_id)}", 4))
    return "".join(lines)


def _name(message: ir.Message) -> str:
    """What it is called on the wire, where that is not what it is called in Python."""
    wire_name = message.wire_name or message.name
    if wire_name == message.class_name:
        return ""
    return statement(f"MESSAGE_NAME = {string(wire_name)}", 4)


def _root(message: ir.Message, schema: Any, doc: str, settings: str, module: Module) -> str:
    """A message whose body is no object with fields: it is `root`."""
    scope = ClassScope(module, 1, ("root", *taken_by(message)))
    made = module.builder.type_of(schema, "", scope)
    headers = _headers(message, module, scope)
    root = statement(f"root: {made.annotation()}", 4)
    methods = [_publish(message, headers), request_text(message, headers)]
    blocks = [settings, *scope.classes, root, *methods]
    over_websockets = message.kind == "websocket"
    base = "WebSocketMessage, RootModel[Any]" if over_websockets else "RootMessage[Any]"
    return class_text(message.class_name, base, doc, blocks, 0)


def _headers(message: ir.Message, module: Module, scope: ClassScope) -> bool:
    """Write the class of the headers, where their schema describes some; a frame has none."""
    if message.headers is None or message.kind == "websocket":
        return False
    schemas, schema = module.builder.schemas, message.headers.schema
    ref = schemas.only_ref(schema)
    flat = schemas.flat(schema if ref is None else schemas.follow(ref).value)
    if not is_class(flat.keywords):
        return False
    body = Body(module, flat, 2)
    doc = docstring(["The headers that it is published with."], 8)
    scope.add("Headers", class_text("Headers", "Model", doc, body.lines(), 1))
    return True


def _publish(message: ir.Message, headers: bool) -> str:
    """`publish` with the topic's parameters as arguments, and typed headers."""
    if message.kind == "websocket" or not (message.parameters or headers):
        return ""
    arguments = [argument_text(parameter) for parameter in message.parameters]
    arguments += [headers_argument(headers), "message_id: str | None = None"]
    lines = [
        "    async def publish(  # type: ignore[override]\n",
        "        self,\n",
        "        *,\n",
    ]
    lines += [f"        {argument},\n" for argument in arguments]
    lines.append("    ) -> None:\n")
    lines.append(docstring([_publish_doc(message)], 8))
    call = f"await self._publish({values_text(message)}, headers, message_id)"
    return "".join(lines) + statement(call, 8)


def _publish_doc(message: ir.Message) -> str:
    told = [
        f"{p.python_name}: {' '.join(p.description.split())}"
        for p in message.parameters
        if p.description
    ]
    return "\n".join(
        ["Publish, and wait for the broker's confirm.", *([""] if told else []), *told]
    )
