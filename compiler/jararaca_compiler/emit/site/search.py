"""The search index: a script with one row a thing, loaded when search is first used."""

from __future__ import annotations

import json
from collections.abc import Iterator

from jararaca_compiler import ir
from jararaca_compiler.emit.site.markdown import plain
from jararaca_compiler.emit.site.urls import PageUrls

_LONGEST_TEXT = 300
_MOST_WORDS = 80
Entry = tuple[str, str, str, str, str]


def search_index(services: tuple[ir.Service, ...], urls: PageUrls) -> str:
    """`[kind, title, service, address, further words]` of everything, as a script."""
    entries = [entry for service in services for entry in _entries(service, urls)]
    text = json.dumps(entries, separators=(",", ":")).replace("<", "\\u003c")
    return f"window.jararacaSearch={text};\n"


def _entries(service: ir.Service, urls: PageUrls) -> Iterator[Entry]:
    title = service.title
    yield "service", title, title, urls.overview(service), _text(service.description)
    for m in (each for each in service.messages if urls.is_listed(service, each)):
        words = _text(m.summary, m.description, m.title, m.topic, *m.tags)
        fields = " ".join(_field_names(m.payload.schema))
        address = urls.message(service, m.name)
        yield m.kind, m.class_name, title, address, f"{m.name} {words} {fields}"
    for c in service.channels:
        name = c.key if c.address is None else c.address
        address = urls.channel(service, c.key)
        yield "channel", name, title, address, _text(c.key, c.title, c.summary, c.description)
    for o in service.operations:
        address = urls.operation(service, o.id)
        handlers = " ".join(dict.fromkeys(h.method for h in o.handlers))
        yield "operation", o.id, title, address, _text(o.title, o.summary, o.description, handlers)
    for e in service.topology.exchanges:
        yield "exchange", e.name, title, urls.exchange(service, e.name), e.type
    keys: dict[str, str] = {}
    for b in service.topology.bindings:
        keys[b.queue] = f"{keys.get(b.queue, '')} {b.routing_key}".strip()
    for q in service.topology.queues:
        yield "queue", q.name, title, urls.queue(service, q.name), keys.get(q.name, "")
    for s in service.servers:
        address = urls.server(service, s.name)
        yield "server", s.name, title, address, _text(s.host, s.protocol, s.description)


def _text(*parts: str | None) -> str:
    return " ".join(plain(part) for part in parts if part)[:_LONGEST_TEXT]


def _field_names(schema: object) -> list[str]:
    """The names of the properties that the schema itself spells out."""
    found: dict[str, None] = {}
    waiting = [schema]
    while waiting and len(found) < _MOST_WORDS:
        here = waiting.pop(0)
        if isinstance(here, dict):
            properties = here.get("properties")
            found |= dict.fromkeys(properties if isinstance(properties, dict) else ())
            waiting += here.values()
        elif isinstance(here, list):
            waiting += here
    return list(found)
