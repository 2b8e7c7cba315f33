"""The languages of one message, each with its pieces of code."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.site.code import python, shell
from jararaca_compiler.emit.site.code.highlight import Language
from jararaca_compiler.emit.site.code.typescript import typescript
from jararaca_compiler.emit.site.schemas.flattening import Lookup
from jararaca_compiler.emit.site.schemas.made_example import Absent, made_example

DEEP = 10
"""So many fields push the examples beyond the first screen."""
MADE = "Made from the schema: the document gives no example."
STAND_IN = "Anything may stand here: the document gives neither schema nor example."


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of code: what it is, and what is to be known about it."""

    title: str
    text: str
    language: Language
    note: str = ""
    is_further: bool = False
    """One more of what stands above: folded."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A language's pieces; `key` names it in the page."""

    key: str
    title: str
    pieces: tuple[Piece, ...]


def pretty(value: Any) -> str:
    """JSON as people read it."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def panels(
    service: ir.Service,
    message: ir.Message,
    package: str,
    lookup: Lookup,
    handlers: Sequence[str],
) -> tuple[Panel, ...]:
    """The panels that have something to show: a schema that allows nothing has no example."""
    given = [example.payload for example in message.examples]
    payload = given[0] if given else made_example(message.payload, lookup)
    if isinstance(payload, Absent):
        shown: tuple[Panel, ...] = ()
    else:
        shown = (
            Panel("json", "JSON", tuple(_json(message, payload))),
            Panel("python", "Python", tuple(_python(service, message, package, payload, handlers))),
        )
        if message.topic and message.kind != "websocket":
            command = shell.publish(service, message, payload)
            shown += (Panel("cli", "CLI", (Piece("Publish it", command, "shell"),)),)
    types = Piece("The payload's type", typescript(message, lookup), "typescript")
    return (*shown, Panel("typescript", "TypeScript", (types,)))


def glance(every: Sequence[Panel], fields: int) -> Piece | None:
    """The first example, for a payload so deep that its examples are far below its name."""
    found = next((panel for panel in every if panel.key == "json"), None)
    return found.pieces[0] if found is not None and fields >= DEEP else None


def _json(message: ir.Message, payload: Any) -> Iterator[Piece]:
    if not message.examples:
        says_nothing = message.payload.schema in (True, {}, {"type": "object"})
        yield Piece("Payload", pretty(payload), "json", STAND_IN if says_nothing else MADE)
    summaries = _summaries(message)
    for number, example in enumerate(message.examples, 1):
        several = f"Example {number}" if len(message.examples) > 1 else "Payload"
        note = summaries.get(number, "")
        name, further = example.name or several, number > 1
        yield Piece(name, pretty(example.payload), "json", note, further)
        if example.headers:
            headers = f"{name}, with headers" if further else "with headers"
            yield Piece(headers, pretty(example.headers), "json", "", further)


def _summaries(message: ir.Message) -> dict[int, str]:
    """What the document says of each example that has a payload, counted from 1."""
    known = message.metadata.get("examples")
    full = [e for e in known or () if isinstance(e, dict) and "payload" in e]
    return {n: str(e["summary"]) for n, e in enumerate(full, 1) if e.get("summary")}


def _python(
    service: ir.Service, message: ir.Message, package: str, payload: Any, handlers: Sequence[str]
) -> Iterator[Piece]:
    publishing = python.publish(service, message, package, payload)
    verb = "Send it" if message.kind == "websocket" else "Ask" if message.replies else "Publish it"
    yield Piece(verb, publishing, "python")
    for text in handlers:
        yield Piece("Handle it", text, "python")
