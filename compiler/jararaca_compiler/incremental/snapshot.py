"""What a sound run leaves for the next one: its documents, and the messages that stand alone."""

from __future__ import annotations

import marshal
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote

from jararaca_compiler import ir
from jararaca_compiler.documents.source import escape, unescape
from jararaca_compiler.incremental.document_slice import has_plain_references
from jararaca_compiler.incremental.regions import Region, regions_of
from jararaca_compiler.pipeline.compilation import Contract
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.references.reachable import reachable
from jararaca_compiler.references.resolver import Resolver

_PAYLOAD = "/payload"
_SCHEMAS = "/components/schemas/"


class PackageRecord(NamedTuple):
    """The service of a document: its package, its digest, and the documents that it reaches."""

    name: str
    digest: str
    reached: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """By path: each document's text and value, the regions of its messages, and its service."""

    documents: Mapping[str, tuple[str, Any]]
    regions: Mapping[str, tuple[Region, ...]]
    services: Mapping[str, PackageRecord]

    def to_bytes(self) -> bytes:
        """For `from_bytes` of the same Python; the reader makes sure that nothing is damaged."""
        return marshal.dumps(
            (
                dict(self.documents),
                {path: [tuple(each) for each in found] for path, found in self.regions.items()},
                {path: tuple(own) for path, own in self.services.items()},
            )
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Snapshot:
        """Raises ValueError, EOFError or TypeError for what `to_bytes` has not made."""
        documents, regions, services = marshal.loads(data)
        return cls(
            documents,
            {path: tuple(Region(*each) for each in found) for path, found in regions.items()},
            {path: PackageRecord(*own) for path, own in services.items()},
        )


def take_snapshot(contract: Contract) -> Snapshot | None:
    """What is to be kept of a run without diagnostics; None where no message stands alone."""
    documents, resolver = contract.documents, contract.resolver
    if not resolver.has_only_json_schemas or any(
        path.endswith(".proto") for path in documents.paths
    ):
        return None
    alone = _standalone_messages(contract.services, documents, resolver)
    if not alone:
        return None
    kept = {path: (d.text, d.root) for path in documents.paths if (d := documents.get(path))}
    if len(documents.paths) == 1:
        for path in alone:
            alone[path] += _schemas(documents, path, contract.services)
    regions = {path: regions_of(d, alone[path]) for path in alone if (d := documents.get(path))}
    services = {
        service.source: PackageRecord(
            service.name, service.digest, _reached(service, documents, resolver)
        )
        for service in contract.services
        if service.source in alone
    }
    return Snapshot(kept, regions, services)


def _reached(service: ir.Service, documents: Documents, resolver: Resolver) -> tuple[str, ...]:
    document = documents.get(service.source)
    if document is None or len(documents.paths) == 1:
        return (service.source,)
    return tuple(reached.path for reached in reachable(document, documents))


def _schemas(documents: Documents, path: str, services: Iterable[ir.Service]) -> list[str]:
    """The schemas in `components`: who refers to one is compiled with it.

    Not where a queue has several channels: what tells its messages apart is anywhere in them.
    """
    channels = {(o.queue, o.channel) for s in services for o in s.operations if o.queue}
    document = documents.get(path)
    root = document.root if document is not None else {}
    components = root.get("components")
    found = components.get("schemas") if isinstance(components, dict) else None
    if not isinstance(found, dict) or len(channels) != len({queue for queue, _ in channels}):
        return []
    if not has_plain_references(root):
        return []
    return [f"{_SCHEMAS}{escape(key)}" for key, value in found.items() if isinstance(value, dict)]


def _standalone_messages(
    services: Iterable[ir.Service], documents: Documents, resolver: Resolver
) -> dict[str, list[str]]:
    """By document the messages of its own service that nothing else depends on."""
    places = [(service, place) for service in services for place in _places(service)]
    users = Counter(place for _, place in places)
    watched = _referenced_places(documents, resolver)
    found: dict[str, list[str]] = {}
    for service, place in places:
        path, _, pointer = place.partition("#")
        own = path == service.source and service.asyncapi is not None
        above = _prefixes(place)
        if (
            own
            and users[place] == 1
            and place not in watched
            and not resolver.referenced_places & above
        ):
            found.setdefault(path, []).append(pointer)
    return found


def _places(service: ir.Service) -> Iterator[str]:
    """The places of the messages with a payload of their own, and a name and queue as well."""
    wire = Counter(message.wire_name or message.name for message in service.messages)
    channels: dict[str, set[str]] = {}
    for operation in service.operations:
        channels.setdefault(operation.queue or "", set()).add(operation.channel)
    shared = {
        name
        for operation in service.operations
        if operation.queue and len(channels[operation.queue]) > 1
        for name in operation.messages
    }
    for message in service.messages:
        payload = message.payload
        unique = wire[message.wire_name or message.name] == 1 and message.name not in shared
        if unique and payload.pointer.endswith(_PAYLOAD):
            yield f"{payload.path}#{payload.pointer.removesuffix(_PAYLOAD)}"


def _referenced_places(documents: Documents, resolver: Resolver) -> set[str]:
    """Every place that a reference leads to or through, those to a message as such left out."""
    found = set(resolver.referenced_places)
    for path in documents.paths:
        document = documents.get(path)
        for ref in _fixed_references(document.root if document else None, ()):
            file, _, pointer = ref.partition("#")
            found.add(f"{documents.target(path, file)[0]}#{_plain(unquote(pointer))}")
    return {prefix for place in found for prefix in (place, *_prefixes(place))}


def _plain(pointer: str) -> str:
    """A pointer as ours are written: only `~` and `/` are escaped in a key."""
    return "/".join(escape(unescape(token)) for token in pointer.split("/"))


def _prefixes(place: str) -> set[str]:
    path, _, pointer = place.partition("#")
    tokens = pointer.split("/")
    return {f"{path}#{'/'.join(tokens[:count])}" for count in range(1, len(tokens))}


def _fixed_references(value: Any, keys: tuple[str, ...]) -> Iterator[str]:
    """Every reference that does not stand where a message is named."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict | list):
                yield from _fixed_references(item, (*keys[-1:], "[]"))
    elif isinstance(value, dict):
        ref = value.get("$ref")
        if isinstance(ref, str) and not _names_message(keys):
            yield ref
        for key, child in value.items():
            if isinstance(child, dict | list):
                yield from _fixed_references(child, (*keys[-1:], key))


def _names_message(keys: tuple[str, ...]) -> bool:
    """`messages/<key>`, `messages/[]`, `message` and `oneOf/[]` (which AsyncAPI 2 has there)."""
    return keys[:1] == ("messages",) or keys[-1:] == ("message",) or keys == ("oneOf", "[]")
