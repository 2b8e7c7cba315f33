"""compile(sources) -> Compilation: the phases in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast

from jararaca_shared.settings import PYPROJECT

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose, ordered
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.documents.source import Span
from jararaca_compiler.emit.document.asyncapi import emit_document
from jararaca_compiler.emit.examples import emit_examples
from jararaca_compiler.emit.header import headed, header
from jararaca_compiler.emit.models import Modules
from jararaca_compiler.emit.models.imported import Imported, SharedSchemas
from jararaca_compiler.emit.python.formatting import docstring
from jararaca_compiler.emit.routes import emit_routes
from jararaca_compiler.emit.stubs.handlers import complete
from jararaca_compiler.emit.stubs.missing import names_in
from jararaca_compiler.emit.stubs.parameters import new_parameters
from jararaca_compiler.emit.stubs.unions import with_own_unions
from jararaca_compiler.emit.table_names import GeneratedNames
from jararaca_compiler.emit.topology import emit_topology
from jararaca_compiler.lower import Options, lower
from jararaca_compiler.lower.draft import Perspective
from jararaca_compiler.pipeline.shared_packages import compile_shared, services_apart
from jararaca_compiler.project.config import Config, ConfigError
from jararaca_compiler.reading.load import Documents, load
from jararaca_compiler.references.reachable import reachable
from jararaca_compiler.references.resolver import Resolver
from jararaca_compiler.semantics.check import CAUSES, CONSEQUENCES, check
from jararaca_compiler.semantics.shared_messages import check_shared, nothing_shared

if TYPE_CHECKING:
    from jararaca_compiler.reading.remote import Remote

Progress = Callable[[str], None]
Read = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Contract:
    """What the documents say, before anything is made of it."""

    services: tuple[ir.Service, ...]
    documents: Documents
    resolver: Resolver
    diagnostics: tuple[Diagnostic, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong with any document."""
        return not any(found.severity == "error" for found in self.diagnostics)

    @property
    def sound_services(self) -> tuple[ir.Service, ...]:
        """The services whose documents, and those they refer to, have no error."""
        if self.is_sound:
            return self.services
        bad = {found.span.path for found in self.diagnostics if found.severity == "error"}
        sound = tuple(s for s in self.services if not bad & self._reached(s))
        return services_apart(self.services, sound)

    def _reached(self, service: ir.Service) -> set[str]:
        sources = set(service.source.split(", "))
        roots = [d for d in self.documents.roots if d.path in sources]
        return sources | {d.path for root in roots for d in reachable(root, self.documents)}


@dataclass(frozen=True, slots=True)
class Compilation:
    """The files that the documents compile to; `added` names the stubs that were missing."""

    services: tuple[ir.Service, ...]
    generated: tuple[ir.GeneratedFile, ...]
    handlers: tuple[ir.GeneratedFile, ...]
    added: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


def options_of(config: Config) -> Options:
    """What of the configuration decides what a document means."""
    perspective = cast(Perspective, config.perspective)
    is_shared = config.dead_letters == "service"
    return Options(config.exchange, perspective, is_shared, config.shared)


def read_contract(
    config: Config, root: Path, progress: Progress = lambda _: None, remote: Remote | None = None
) -> Contract:
    """Load, resolve, lower and check the configured sources."""
    progress(f"reading {', '.join(config.sources)}")
    documents, _ = load(config.sources, root, remote, config.output, config.root)
    return contract_of(documents, config, progress)


def contract_of(
    documents: Documents, config: Config, progress: Progress = lambda _: None
) -> Contract:
    """Resolve, lower and check documents that have been read."""
    unread = documents.diagnostics
    resolver = Resolver(documents)
    options = options_of(config)
    progress(f"compiling {count(len(documents), 'document')}")
    services, found = lower(documents, options, resolver)
    contract = Contract(services, documents, resolver, ordered([*unread, *found]))
    causes = tuple(d for d in contract.diagnostics if d.code in CAUSES)
    whole = replace(contract, diagnostics=causes).sound_services
    checked = [
        d
        for service in services
        for d in check(service, documents)
        if service in whole or d.code not in CONSEQUENCES
    ]
    checked += check_shared(services, config.shared)
    if not config.given and not causes:
        checked += nothing_shared(services, config.shared, PYPROJECT)
    contract = replace(contract, diagnostics=ordered([*contract.diagnostics, *checked]))
    if not services and contract.is_sound and not config.shared.packages:
        return replace(contract, diagnostics=(*contract.diagnostics, *_without_contract(config)))
    return contract


def _without_contract(config: Config) -> Iterator[Diagnostic]:
    """A mistyped folder would otherwise look like one in which all is well."""
    for source in config.sources:
        yield diagnose("no-contract", Span(source), path=source)


def compile(
    contract: Contract,
    services: tuple[ir.Service, ...],
    config: Config,
    read: Read,
    progress: Progress = lambda _: None,
) -> Compilation:
    """Emit some of the contract's services; `read` gives the text of a handlers file, or None.

    Raises ConfigError.
    """
    generated: list[ir.GeneratedFile] = []
    handlers: list[ir.GeneratedFile] = []
    added: list[str] = []
    found: list[Diagnostic] = []
    _refuse_shared_handlers(services, config)
    _refuse_parts(services, config)
    shared, schemas = compile_shared(services, config, contract.documents, contract.resolver.lookup)
    generated += shared
    compiled: list[ir.Service] = []
    for each in services:
        progress(f"writing {each.name}: {count(len(each.messages), 'message')}")
        path = config.handlers_path(each.name)
        mine = read(path)
        service = with_own_unions(each, mine)
        compiled.append(service)
        own = config.for_service(each.name)
        module = own.module_of(path, "handlers")
        files = package_files(service, contract.resolver, module, schemas)
        generated += [_placed(file, service, own.output) for file in files]
        known = names_in(next(f.source for f in files if f.path == "messages.py"))
        done = complete(service, own.package, path, mine, known)
        routes = read(f"{own.output}/{service.name}/routes.py")
        found += new_parameters(service, routes, path, mine)
        if done is not None:
            if mine is None:
                handlers += [f for f in handlers_package(path, read) if f not in handlers]
            handlers.append(ir.GeneratedFile(path, done.text))
            added += done.added
            found += done.diagnostics
    text = header(None) + docstring(["Compiled services, a package each."], 0)
    outputs = {config.for_service(service.name).output for service in services}
    generated += [ir.GeneratedFile(f"{each}/__init__.py", text) for each in sorted(outputs)]
    return Compilation(
        tuple(compiled), tuple(generated), tuple(handlers), tuple(added), ordered(found)
    )


def handlers_package(path: str, read: Read) -> Iterator[ir.GeneratedFile]:
    """The `__init__.py` of a new handlers file's folder, where there is none.

    Without it a type checker finds `handlers/shop.py` under two names.
    """
    folder = PurePosixPath(path).parent
    package = (folder / "__init__.py").as_posix()
    if folder.name and read(package) is None:
        yield ir.GeneratedFile(package, docstring(["Handlers of the compiled services."], 0))


def package_files(
    service: ir.Service, resolver: Resolver, handlers_module: str, shared: SharedSchemas
) -> tuple[ir.GeneratedFile, ...]:
    """What a service's package holds, without the headers; paths are relative to it.

    `shared` are the schemas in packages of shared messages.
    """
    modules = Modules(service, resolver.lookup, Imported.of(service, shared))
    title = docstring([f"{service.title}, compiled."], 0)
    return (
        ir.GeneratedFile("__init__.py", title),
        *modules.files(),
        emit_routes(service, GeneratedNames(handlers_module), resolver.lookup),
        emit_topology(service),
        emit_document(service, resolver.lookup, modules.names),
        emit_examples(service),
    )


def _placed(file: ir.GeneratedFile, service: ir.Service, output: str) -> ir.GeneratedFile:
    """The file in its package, headed."""
    return ir.GeneratedFile(f"{output}/{service.name}/{file.path}", headed(file, service).source)


def _refuse_parts(services: Iterable[ir.Service], config: Config) -> None:
    """A package of shared messages has those of all services: it is not made of some of them."""
    shared = {message.shared for service in services for message in service.messages} - {None}
    if config.given and shared:
        raise ConfigError(
            f"{', '.join(sorted(map(str, shared)))} has messages that services share: compile all "
            f"of them, with `jararaca codegen` and sources = [...] in {PYPROJECT}"
        )


def _refuse_shared_handlers(services: Iterable[ir.Service], config: Config) -> None:
    names = [s.name for s in services if any(o.handlers for o in s.operations)]
    if len(names) > 1 and "{service}" not in config.handlers:
        raise ConfigError(
            f"handlers {config.handlers!r} is one file for {', '.join(names)}: "
            "write {service} into the path, like handlers/{service}.py"
        )
