"""Packages of shared messages: what the services say of each message, as one service of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from jararaca_compiler import ir
from jararaca_compiler.documents.source import escape
from jararaca_compiler.project.shared_documents import SharedDocuments
from jararaca_compiler.reading.load import Documents

_SCHEMAS = "/components/schemas"

T = TypeVar("T")


def shared_packages(
    services: Iterable[ir.Service], shared: SharedDocuments, documents: Documents
) -> tuple[ir.Service, ...]:
    """A service without channels for each package that a message of the services belongs to.

    Its messages are what all services say of them together, sorted by name.
    """
    found = []
    for package, listed in shared.packages:
        uses: dict[str, list[ir.Message]] = {}
        for service in services:
            for message in service.messages:
                if message.shared == package:
                    uses.setdefault(message.name, []).append(message)
        if uses:
            messages = tuple(_merged(uses[name]) for name in sorted(uses))
            components = tuple(_components(listed, shared, package, documents))
            found.append(_package(package, messages, listed, components))
    return tuple(found)


def _package(
    name: str,
    messages: tuple[ir.Message, ...],
    listed: Iterable[str],
    components: tuple[str, ...],
) -> ir.Service:
    return ir.Service(
        name=name,
        controller="",
        title=name,
        version="",
        description=None,
        source=", ".join(sorted({each.partition("#")[0] for each in listed})),
        asyncapi=None,
        messages=messages,
        channels=(),
        operations=(),
        servers=(),
        topology=ir.Topology((), (), ()),
        digest="",
        shared_schemas=components,
    )


def _components(
    listed: Iterable[str], shared: SharedDocuments, package: str, documents: Documents
) -> Iterator[str]:
    """The places of the schemas in the `components` of what is listed."""
    for path in sorted({each.partition("#")[0] for each in listed}):
        document = documents.get(path)
        root = None if document is None else document.root
        components = root.get("components") if isinstance(root, dict) else None
        schemas = components.get("schemas") if isinstance(components, dict) else None
        for key in schemas if isinstance(schemas, dict) else ():
            place = f"{path}#{_SCHEMAS}/{escape(str(key))}"
            if shared.package_of([place]) == package:
                yield place


def _merged(uses: list[ir.Message]) -> ir.Message:
    """One message of all services' uses: who publishes it says more than who receives it.

    The texts are those of the first service, by name, that has some.
    """
    first = next((each for each in uses if each.topic), uses[0])
    asking = [each.publishing for each in uses if each.publishing != ir.NOTHING_ASKED]
    return replace(
        first,
        mandatory=any(each.mandatory for each in uses),
        deprecated=any(each.deprecated for each in uses),
        publishing=asking[0] if asking else first.publishing,
        replies=_first(each.replies for each in uses) or (),
        elsewhere=_first(each.elsewhere for each in uses) or (),
        examples=_examples(uses),
        title=_first(each.title for each in uses),
        summary=_first(each.summary for each in uses),
        description=_first(each.description for each in uses),
        schedule=None,
    )


def _first(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value), None)


def _examples(uses: Iterable[ir.Message]) -> tuple[ir.Example, ...]:
    found: list[ir.Example] = []
    for use in uses:
        known = [(each.payload, each.headers) for each in found]
        found += [each for each in use.examples if (each.payload, each.headers) not in known]
    return tuple(found)
