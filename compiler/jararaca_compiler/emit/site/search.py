"""The search index: a script with one row a thing, loaded when search is first used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from jararaca_compiler import ir
from jararaca_compiler.emit.site.endpoints import Endpoints
from jararaca_compiler.emit.site.guides import Guide
from jararaca_compiler.emit.site.markdown import plain
from jararaca_compiler.emit.site.schemas.field_table import FIELD_PREFIX, Row
from jararaca_compiler.emit.site.urls import PageUrls
from jararaca_compiler.lower.partitioning.queues import undivided

_LONGEST_TEXT = 300
_LONGEST_WORDS = 160
_MOST_FIELDS = 150
_LISTED = ("one of", "always", "each one of")
Entry = tuple[str, str, str, str, str] | tuple[str, str, str, str, str, list[str]]
RowsOf = Callable[[ir.Service, ir.Message], Sequence[Row]]


def search_index(
    services: tuple[ir.Service, ...],
    urls: PageUrls,
    endpoints: Endpoints,
    rows_of: RowsOf,
    guides: tuple[Guide, ...] = (),
) -> str:
    """`[kind, title, service, address, further words]` of everything, as a script.

    A message has its fields besides, each as its place in the payload, a tab, and its words.
    """
    entries = [*_messages(services, urls, endpoints, rows_of)]
    entries += [entry for service in services for entry in _entries(service, urls)]
    entries += [entry for guide in guides for entry in _guide(guide)]
    text = json.dumps(entries, separators=(",", ":"), ensure_ascii=False)
    for character in "<\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"window.jararacaSearch={text};\n"


def _messages(
    services: tuple[ir.Service, ...], urls: PageUrls, endpoints: Endpoints, rows_of: RowsOf
) -> Iterator[Entry]:
    """One entry for what is one message: where it is sent, else where it is first."""
    every = [(s, m) for s in services for m in s.messages if urls.is_listed(s, m)]
    sending = [(s, m) for s, m in every if _sends(endpoints, s, m)]
    told: set[tuple[str, str]] = set()
    for service, m in (*sending, *every):
        if (service.name, m.name) in told:
            continue
        ends = (*endpoints.senders(service, m), *endpoints.receivers(service, m))
        met = [(service, m), *((end.service, end.message) for end in ends)]
        told.update((each.name, message.name) for each, message in met)
        places = ", ".join(dict.fromkeys(each.title for each, _ in met))
        words = _text(m.summary, m.description, m.title, m.topic, *m.tags)
        fields = [_field(row) for row in rows_of(service, m)[:_MOST_FIELDS]]
        address = urls.message(service, m.name)
        yield m.kind, m.class_name, places, address, f"{m.name} {words}", fields


def _sends(endpoints: Endpoints, service: ir.Service, message: ir.Message) -> bool:
    return any(end.service is service for end in endpoints.senders(service, message))


def _field(row: Row) -> str:
    values = " ".join(v for c in row.constraints if c.text in _LISTED for v in c.values)
    words = " ".join(filter(None, (row.python_name, plain(row.description), values)))
    return f"{row.anchor.removeprefix(FIELD_PREFIX)}\t{words[:_LONGEST_WORDS]}"


def _entries(service: ir.Service, urls: PageUrls) -> Iterator[Entry]:
    title = service.title
    yield "service", title, title, urls.overview(service), _text(service.description)
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
    for b in undivided(service.topology).bindings:
        keys[b.queue] = f"{keys.get(b.queue, '')} {b.routing_key}".strip()
    for q in service.topology.queues:
        yield "queue", q.name, title, urls.queue(service, q.name), keys.get(q.name, "")
    for s in service.servers:
        address = urls.server(service, s.name)
        yield "server", s.name, title, address, _text(s.host, s.protocol, s.description)


def _guide(guide: Guide) -> Iterator[Entry]:
    """A guide, and each of its parts that has a heading."""
    for section in guide.sections:
        address = f"{guide.url}#{quote(section.anchor)}" if section.anchor else guide.url
        yield "guide", section.title, guide.title, address, section.words


def _text(*parts: str | None) -> str:
    return " ".join(plain(part) for part in parts if part)[:_LONGEST_TEXT]
