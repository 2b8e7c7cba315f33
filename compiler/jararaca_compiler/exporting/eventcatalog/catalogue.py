"""Services -> the files of a catalogue: domains, services, messages, channels, owners."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jararaca_shared.yaml_text import yaml_text

from jararaca_compiler import ir
from jararaca_compiler.emit.document.asyncapi import bundled
from jararaca_compiler.emit.site import about, markdown
from jararaca_compiler.exporting.eventcatalog.identity import Identities, Named, slug, version_of
from jararaca_compiler.exporting.eventcatalog.mdx import fenced, page, text
from jararaca_compiler.exporting.eventcatalog.owners import Owner, owners_in
from jararaca_compiler.exporting.eventcatalog.payloads import is_recursive, schema_files
from jararaca_compiler.references.resolver import Found

Files = Mapping[str, str]
GRAPH = "<NodeGraph />"
_DOCUMENT = "asyncapi.yaml"
_QUIET = {"backgroundColor": "gray", "textColor": "gray"}
_SOCKETS = frozenset({"ws", "wss"})


@dataclass(frozen=True, slots=True)
class Part:
    """A service, and what follows its schemas' references."""

    service: ir.Service
    lookup: Callable[[str], Found]


def catalogue(parts: Sequence[Part], own: frozenset[str] | None = None) -> Files:
    """The files by path, sorted. Of two services of one name the first counts.

    With `own`, only what these services have: the pages of others are others'.
    """
    chosen = tuple({part.service.name: part for part in reversed(parts)}.values())[::-1]
    return dict(sorted(_Catalogue(chosen, own).files()))


class _Catalogue:
    def __init__(self, parts: Sequence[Part], own: frozenset[str] | None) -> None:
        self._services = tuple(part.service for part in parts)
        self._documents = {p.service.name: bundled(p.service, p.lookup, modern=True) for p in parts}
        self._schemas = {
            service.name: schema_files(service, self._documents[service.name]["components"])
            for service in self._services
        }
        self._identities = Identities(self._services)
        self._owners: dict[str, Owner] = {}
        self._own = own

    def _is_own(self, service: ir.Service) -> bool:
        return self._own is None or service.name in self._own

    def files(self) -> Iterator[tuple[str, str]]:
        for service in filter(self._is_own, self._services):
            yield from self._service(service)
        for named in self._identities.messages():
            if self._is_own(named.service):
                yield from self._message(named)
        yield from self._channels()
        yield from self._domains()
        for owner in self._owners.values():
            yield owner.path, owner.page()

    def _service(self, service: ir.Service) -> Iterator[tuple[str, str]]:
        folder = f"services/{slug(service.name)}"
        told = about.of_service(service)
        front = {
            "id": slug(service.name),
            "name": service.title,
            "version": version_of(service.version),
            "summary": _summary(service.description),
            "owners": self._named_owners(_said_of(service)),
            "sends": self._ends(service, "send"),
            "receives": self._ends(service, "receive"),
            "specifications": [{"type": "asyncapi", "path": _DOCUMENT, "name": "AsyncAPI"}],
            "badges": _badges((told.status, *service.tags)),
            "deprecated": told.status == "deprecated" or None,
        }
        yield f"{folder}/index.mdx", page(front, text(service.description), GRAPH)
        yield f"{folder}/{_DOCUMENT}", yaml_text(self._documents[service.name])

    def _message(self, named: Named) -> Iterator[tuple[str, str]]:
        service, message = named.service, named.message
        folder = f"{named.collection}/{named.id}"
        told = about.of_message(service, message)
        file, schema = self._schemas[service.name][message.name]
        deprecated = message.deprecated or told.status == "deprecated"
        front = {
            "id": named.id,
            "name": message.title or message.name,
            "version": version_of(told.version or service.version),
            "summary": _summary(message.summary or message.description),
            "owners": self._named_owners(message.metadata) or self._named_owners(_said_of(service)),
            "schemaPath": file,
            "badges": _badges((told.status, *message.tags)),
            "deprecated": deprecated or None,
        }
        yield f"{folder}/index.mdx", page(
            front, text(message.description), GRAPH, _viewer(file, schema), *_examples(message)
        )
        yield f"{folder}/{file}", schema

    def _channels(self) -> Iterator[tuple[str, str]]:
        found: dict[str, tuple[ir.Service, ir.Channel]] = {}
        for service in self._services:
            for channel in service.channels:
                found.setdefault(self._identities.channel(service, channel), (service, channel))
        for id, (service, channel) in found.items():
            if not self._is_own(service):
                continue
            front = {
                "id": id,
                "name": channel.title or channel.address or channel.key,
                "version": version_of(service.version),
                "summary": _summary(channel.summary or channel.description),
                "address": channel.address,
                "protocols": _protocols(service, channel),
                "deliveryGuarantee": None if channel.is_websocket else "at-least-once",
                "parameters": {p.name: _parameter(p) for p in channel.parameters},
                "badges": _badges(channel.tags),
            }
            yield f"channels/{id}/index.mdx", page(front, text(channel.description), GRAPH)

    def _domains(self) -> Iterator[tuple[str, str]]:
        """A domain has the services that name it, and the messages that name it themselves."""
        members: dict[str, list[ir.Service]] = {}
        sent: dict[str, list[str]] = {}
        for service in filter(self._is_own, self._services):
            members.setdefault(about.of_service(service).domain, []).append(service)
        for named in self._identities.messages():
            domain = about.of_message(named.service, named.message).domain
            if self._is_own(named.service) and domain != about.of_service(named.service).domain:
                sent.setdefault(domain, []).append(named.id)
        for name in filter(None, dict.fromkeys([*members, *sent])):
            services = members.get(name, [])
            owners = [owner for each in services for owner in self._named_owners(_said_of(each))]
            front = {
                "id": slug(name),
                "name": name,
                "version": version_of(""),
                "owners": list(dict.fromkeys(owners)),
                "services": [{"id": slug(each.name)} for each in services],
                "sends": [{"id": id} for id in sent.get(name, ())],
            }
            yield f"domains/{slug(name)}/index.mdx", page(front, GRAPH)

    def _ends(self, service: ir.Service, action: ir.Action) -> list[dict[str, Any]]:
        """What the service sends or receives, answers to its requests included, with channels."""
        channels = {channel.key: channel for channel in service.channels}
        found: dict[str, dict[str, None]] = {}
        for operation in service.operations:
            if operation.action == action:
                channel = channels[operation.channel]
                for name in operation.messages:
                    id = self._identities.message(service, name).id
                    ways = found.setdefault(id, {})
                    ways[self._identities.channel(service, channel)] = None
            elif operation.reply is not None:
                for name in operation.reply.messages:
                    found.setdefault(self._identities.message(service, name).id, {})
        way = "to" if action == "send" else "from"
        return [
            {"id": id} | ({way: [{"id": each} for each in ways]} if ways else {})
            for id, ways in found.items()
        ]

    def _named_owners(self, said: Mapping[str, Any]) -> list[str]:
        owners = owners_in(said)
        for owner in owners:
            known = self._owners.get(owner.id)
            if known is None or len(owner.told) > len(known.told):
                self._owners[owner.id] = owner
        return [owner.id for owner in owners]


def _viewer(file: str, schema: str) -> str:
    """A table of the fields; the schema itself where that would never end."""
    if file != "schema.json":
        return ""
    if is_recursive(schema):
        return f"## Schema\n\n{fenced(schema, 'json')}"
    return f'<SchemaViewer file="{file}" />'


def _said_of(service: ir.Service) -> Mapping[str, Any]:
    info = service.metadata.get("info")
    return {**service.metadata, **(info if isinstance(info, dict) else {})}


def _summary(description: str | None) -> str:
    """The first line's words: the whole stands below."""
    first = (description or "").strip().partition("\n\n")[0]
    return markdown.plain(first)


def _badges(words: Sequence[str]) -> list[dict[str, str]]:
    return [{"content": word, **_QUIET} for word in dict.fromkeys(filter(None, words))]


def _protocols(service: ir.Service, channel: ir.Channel) -> list[str]:
    known = [server.protocol for server in service.servers if server.name in channel.servers]
    every = [server.protocol for server in service.servers]
    fitting = [p for p in known or every if (p in _SOCKETS) == channel.is_websocket]
    return list(dict.fromkeys(fitting)) or ["ws" if channel.is_websocket else "amqp"]


def _parameter(parameter: ir.Parameter) -> dict[str, Any]:
    said = {
        "description": parameter.description,
        "enum": list(parameter.enum),
        "default": parameter.default,
        "examples": list(parameter.examples),
    }
    return {key: value for key, value in said.items() if value not in (None, [])}


def _examples(message: ir.Message) -> Iterator[str]:
    for example in message.examples[:1]:
        payload = json.dumps(example.payload, indent=2, ensure_ascii=False)
        yield f"## Example\n\n{fenced(payload, 'json')}"
