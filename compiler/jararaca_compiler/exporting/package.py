"""Services -> a package of plain types: one module a service."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from jararaca_shared.distribution import VERSION

from jararaca_compiler import ir
from jararaca_compiler.emit.document.asyncapi import bundled
from jararaca_compiler.emit.header import MARK
from jararaca_compiler.exporting.components import components_of, openapi_of
from jararaca_compiler.exporting.generator import DISTRIBUTION, generator_version, types_of
from jararaca_compiler.exporting.options import MODEL_TYPES, ExportOptions
from jararaca_compiler.project.config import ConfigError
from jararaca_compiler.references.resolver import Resolver

Wanted = dict[str, set[str] | None]
"""By service the class names that are asked for; None: all of its messages."""


@dataclass(frozen=True, slots=True)
class Export:
    """The package's files, and how many messages they are of."""

    files: tuple[ir.GeneratedFile, ...]
    messages: int


def export_package(
    services: Sequence[ir.Service],
    resolver: Resolver,
    options: ExportOptions,
    names: Sequence[str],
    root: Path,
) -> Export:
    """The types of the named services and messages; of all without a name. Raises ConfigError."""
    wanted = select(services, names)
    chosen = [service for service in services if service.name in wanted]
    title = header(options, ()) + '"""Plain types of messages, a module each service."""\n'
    files = [ir.GeneratedFile(f"{options.output}/__init__.py", title)]
    for service in chosen:
        classes = wanted[service.name]
        document = bundled(_as_json(service), resolver.lookup, modern=True)
        made = components_of(service, document, classes)
        text = types_of(
            openapi_of(made, service.title), MODEL_TYPES[options.kind], options.arguments, root
        )
        source = header(options, sorted(classes or ())) + text
        files.append(ir.GeneratedFile(f"{options.output}/{service.name}.py", source))
    count = sum(_messages(service, wanted[service.name]) for service in chosen)
    return Export(tuple(files), count)


def select(services: Iterable[ir.Service], names: Sequence[str]) -> Wanted:
    """What the names mean: `shop`, `OrderPlaced` or `shop.OrderPlaced`. Raises ConfigError."""
    known = list(services)
    if not names:
        return {service.name: None for service in known if service.messages}
    wanted: Wanted = {}
    for name in names:
        found = [(each.name, m) for each in known for m in _named(each, name)]
        whole = [each.name for each in known if each.name == name]
        if not found and not whole:
            raise ConfigError(f"no service and no message is called {name!r}{_near(known, name)}")
        for service in whole:
            wanted[service] = None
        for service, message in () if whole else found:
            classes = wanted.setdefault(service, set())
            if classes is not None:
                classes.add(message)
    return wanted


def header(options: ExportOptions, selected: Sequence[str]) -> str:
    """Who made a module, and how to make it again."""
    about = f"# {DISTRIBUTION} {generator_version()}, --as {options.kind}"
    of = f", of {' '.join(selected)}" if selected else ""
    return f"{MARK} {VERSION}. DO NOT EDIT: run `jararaca export types`.\n{about}{of}.\n"


def _as_json(service: ir.Service) -> ir.Service:
    """With the JSON Schema of each message, whatever its body on the wire is."""
    plain = tuple(replace(message, encoding=None) for message in service.messages)
    return replace(service, messages=plain)


def _messages(service: ir.Service, classes: set[str] | None) -> int:
    return len(service.messages) if classes is None else len(classes)


def _named(service: ir.Service, name: str) -> list[str]:
    before, _, last = name.rpartition(".")
    if before not in ("", service.name):
        return []
    return [m.class_name for m in service.messages if last in (m.class_name, m.name)]


def _near(services: Iterable[ir.Service], name: str) -> str:
    every = [word for s in services for word in (s.name, *(m.class_name for m in s.messages))]
    close = get_close_matches(name.rpartition(".")[2], every, n=1)
    return f"; did you mean {close[0]}?" if close else ""
