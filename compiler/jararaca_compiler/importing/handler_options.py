"""The options of a handler, as its stub has them: `timeout=30, retry=RetryPolicy(jitter=0)`."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.python.formatting import string
from jararaca_compiler.importing.discovery import DiscoveredCode, camel

SPEC = "__jararaca_handler__"
_KNOWN = frozenset({"messages", "name", "stub"})
"""What a stub has anyway."""


def options_by_method(
    found: DiscoveredCode, service: ir.Service
) -> tuple[Mapping[str, Sequence[str]], tuple[str, ...]]:
    """The options of each method of the service's controller, and what a person has to write.

    A value that has no text of its own, a function, or an exception of somebody's, is told.
    """
    specs = {camel(name): _spec(method) for name, method in found.methods.items()}
    options: dict[str, list[str]] = {}
    notes: list[str] = []
    for operation in service.operations:
        for handler in operation.handlers:
            said = dict(_options(specs[operation.id])) if operation.id in specs else {}
            texts = {name: _text(value) for name, value in said.items()}
            written = [f"{name}={text}" for name, text in texts.items() if text is not None]
            if written:
                options[handler.method] = written
            notes += [
                f"{handler.method}: `{name}` of its decorator is left for you to write"
                for name, text in texts.items()
                if text is None
            ]
    return options, tuple(dict.fromkeys(notes))


def _spec(method: Any) -> Any:
    return getattr(getattr(method.controller, method.name), SPEC)


def _options(spec: Any) -> Iterator[tuple[str, Any]]:
    for field in fields(spec):
        value = getattr(spec, field.name)
        if field.name not in _KNOWN and value != field.default:
            yield field.name, value


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return string(value)
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, tuple):
        texts = [_text(item) for item in value]
        known = [text for text in texts if text is not None]
        comma = "," if len(known) == 1 else ""
        return f"({', '.join(known)}{comma})" if len(known) == len(texts) else None
    if isinstance(value, type):
        name = value.__name__
        return name if getattr(builtins, name, None) is value else None
    if is_dataclass(value):
        texts = [_argument(name, each) for name, each in _options(value)]
        known = [text for text in texts if text is not None]
        whole = f"{value.__class__.__name__}({', '.join(known)})"
        return whole if len(known) == len(texts) else None
    return None


def _argument(name: str, value: Any) -> str | None:
    text = _text(value)
    return None if text is None else f"{name}={text}"
