"""A message class as text: where it is published, its fields, and a `publish` of its own."""

from __future__ import annotations

from functools import partial
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.models.class_text import class_text, docstring_paragraphs
from jararaca_compiler.emit.models.classes import Body, ClassScope, Module
from jararaca_compiler.emit.models.messages.parameters import PARAMETERS, parameters_text
from jararaca_compiler.emit.models.messages.partition_key import partition_key_text
from jararaca_compiler.emit.models.messages.places import place_texts
from jararaca_compiler.emit.models.messages.publishing import publish_text
from jararaca_compiler.emit.models.messages.requests import request_text, taken_by
from jararaca_compiler.emit.models.messages.settings import settings_text
from jararaca_compiler.emit.python.formatting import docstring, statement
from jararaca_compiler.emit.types.builder import is_class

HEADERS = "Headers"
_UNCHECKED = frozenset({"Any", "dict[str, Any]"})
"""The types of headers of which nothing is said."""


def message_text(message: ir.Message, module: Module) -> str:
    """The class of a message."""
    schema = _payload(message, module)
    flat = module.builder.schemas.flat(schema)
    keywords = flat.keywords
    notes = (message.title or keywords.get("title"), message.summary)
    about = message.description or keywords.get("description")
    deprecated = "Deprecated." if message.deprecated else None
    doc = docstring(docstring_paragraphs(message.class_name, *notes, about, deprecated), 4)
    settings = settings_text(message)
    base = _base(message)
    if not (is_class(keywords) or _is_bare(keywords)):
        return _root(message, schema, doc, settings, module)
    body = Body(module, flat, 1, taken_by(message))
    headers = _nested(message, module, body.scope)
    blocks = body.lines()
    methods = _methods(message, headers)
    key = partial(
        partition_key_text,
        schema=schema,
        schemas=module.builder.schemas,
        taken=taken_by(message),
    )
    blocks = [settings, *blocks, key(message.partitions), *methods]
    own = class_text(message.class_name, base, doc, blocks, 0)
    return "\n\n".join([own, *place_texts(message, headers, key)])


def _base(message: ir.Message) -> str:
    if message.kind == "websocket":
        return "WebSocketMessage"
    return "Message" if message.encoding is None else "BinaryMessage"


def _methods(message: ir.Message, headers: str | None) -> list[str]:
    if message.kind == "websocket":
        return []
    return [publish_text(message.parameters, headers), request_text(message, headers)]


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


def _root(message: ir.Message, schema: Any, doc: str, settings: str, module: Module) -> str:
    """A message whose body is no object with fields: it is `root`."""
    scope = ClassScope(module, 1, ("root", *taken_by(message)))
    made = module.builder.type_of(schema, "", scope)
    headers = _nested(message, module, scope)
    root = statement(f"root: {made.annotation()}", 4)
    methods = _methods(message, headers)
    blocks = [settings, *scope.classes, root, *methods]
    base = _base(message)
    base = "RootMessage[Any]" if base == "Message" else f"{base}, RootModel[Any]"
    key = partial(
        partition_key_text, schema=schema, schemas=module.builder.schemas, taken=taken_by(message)
    )
    blocks.append(key(message.partitions))
    own = class_text(message.class_name, base, doc, blocks, 0)
    return "\n\n".join([own, *place_texts(message, headers, key)])


def _nested(message: ir.Message, module: Module, scope: ClassScope) -> str | None:
    """Write the classes of what comes beside the body; the name of the headers' with fields."""
    topics = [message.parameters, *(place.parameters for place in message.elsewhere)]
    typed = "" if message.kind == "websocket" else parameters_text(topics)
    if typed:
        scope.add(PARAMETERS, typed)
    return _headers(message, module, scope)


def _headers(message: ir.Message, module: Module, scope: ClassScope) -> str | None:
    """Write the class that headers are checked by, unless all are valid; a frame has none.

    Its name, where it has fields, so that it is written out to be published.
    """
    if message.headers is None or message.kind == "websocket":
        return None
    schemas, schema = module.builder.schemas, message.headers.schema
    ref = schemas.only_ref(schema)
    flat = schemas.flat(schema if ref is None else schemas.follow(ref).value)
    doc = docstring(["The headers that it is published with."], 8)
    if is_class(flat.keywords):
        body = Body(module, flat, 2)
        scope.add(HEADERS, class_text(HEADERS, "Model", doc, body.lines(), 1))
        return HEADERS
    inner = ClassScope(module, 2, ("root",))
    made = module.builder.type_of(schema, "", inner).annotation()
    if made not in _UNCHECKED:
        root = statement(f"root: {made}", 8)
        blocks = [*inner.classes, root]
        scope.add(HEADERS, class_text(HEADERS, "RootModel[Any]", doc, blocks, 1))
    return None
