"""Two validators that have nothing of ours say which bodies and headers a message takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import jsonschema_rs
from jararaca_compiler import ir
from jararaca_compiler.schemas.checked_formats import CHECKS
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from jsonschema.exceptions import SchemaError  # type: ignore[import-untyped]
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from .plain_schemas import plain

Files = Mapping[str, Any]
"""The documents of one contract by their paths, as they are written."""
HOME = "http://documents.test/"
_FORMATS = FormatChecker(formats=())
for _name, _check in CHECKS.items():
    _FORMATS.checks(_name)(lambda value, check=_check: not isinstance(value, str) or check(value))


class Judge:
    """Says what one schema of some documents takes."""

    def __init__(self, files: Files, schema: Any, *, modern: bool) -> None:
        self.schema = plain(schema, HOME, modern=True)
        self.places: dict[str, Any] = {}
        for path, root in files.items():
            uris = {HOME + path, *_named(root)}
            self.places |= {uri: plain(root, uri, modern=modern) for uri in uris}
        known = jsonschema_rs.Registry(list(self.places.items()))
        self._fast = jsonschema_rs.Draft202012Validator(
            self.schema, registry=known, formats=dict(CHECKS), validate_formats=True
        )
        self._slow = self._second()
        self.agrees({}, True)  # It ends here where a reference leads nowhere.

    def _second(self) -> Any:
        made: Any = Registry().with_resources(
            [(uri, DRAFT202012.create_resource(root)) for uri, root in self.places.items()]
        )
        return Draft202012Validator(self.schema, registry=made, format_checker=_FORMATS)

    def takes(self, value: Any) -> bool:
        """Whether the first of the validators takes a value."""
        return bool(self._fast.is_valid(value))

    def agrees(self, value: Any, wanted: bool) -> bool:
        """Whether both say so.

        The second has no answer where schemas contain themselves, and to patterns of ECMAScript
        that Python does not know.
        """
        try:
            return self.takes(value) is wanted and bool(self._slow.is_valid(value)) is wanted
        except (RecursionError, re.error):
            return True


def _named(root: Any) -> list[str]:
    name = root.get("$id") if isinstance(root, dict) else None
    return [name] if isinstance(name, str) else []


def judge_of(files: Files, message: ir.Message, part: str) -> Judge | None:
    """Who judges the `payload` or the `headers` of a message.

    None where it has none, where the schema is not written in JSON Schema, and where the
    validators cannot read it.
    """
    payload: ir.Payload | None = getattr(message, part)
    format = None if payload is None else _format(files, payload)
    if payload is None or format is None:
        return None
    try:
        return Judge(files, _schema(payload, part), modern=_is_modern(format))
    except (ValueError, SchemaError, Unresolvable, RecursionError, TypeError, AttributeError):
        return None


def _schema(payload: ir.Payload, part: str) -> Any:
    """What is judged; headers as they are once traits are merged into them."""
    if part == "headers":
        return {"type": "object", "allOf": [payload.schema]}
    if payload.schema in ({}, True):
        return True  # A message without a payload has no place for it.
    return {"$ref": f"{HOME}{payload.path}#{quote(payload.pointer)}"}


def _format(files: Files, payload: ir.Payload) -> str | None:
    """The `schemaFormat`; None where it is no JSON Schema, or there is nothing at the place."""
    try:
        found, holder = files[payload.path], files[payload.path]
        for token in payload.pointer.split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            holder, found = found, found[int(key)] if isinstance(found, list) else found[key]
    except (LookupError, ValueError, TypeError):
        return None
    is_said = payload.pointer.endswith("/schema") and isinstance(holder, dict)
    format = str(holder.get("schemaFormat", "")) if is_said else ""
    is_foreign = any(word in format for word in ("avro", "protobuf", "unknown"))
    return None if is_foreign or not isinstance(found, dict | bool) else format


def _is_modern(format: str) -> bool:
    return any(word in format for word in ("2019-09", "2020-12", "version=3.1"))
