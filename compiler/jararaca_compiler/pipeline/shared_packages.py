"""The packages of shared messages as files, and what the services' own modules import of them."""

from __future__ import annotations

from collections.abc import Iterable

from jararaca_compiler import ir
from jararaca_compiler.emit.examples import emit_examples
from jararaca_compiler.emit.header import headed
from jararaca_compiler.emit.models import Modules
from jararaca_compiler.emit.models.imported import Imported, SharedSchemas
from jararaca_compiler.emit.python.formatting import docstring
from jararaca_compiler.emit.types.schemas import Lookup
from jararaca_compiler.lower.shared_packages import shared_packages
from jararaca_compiler.project.config import Config
from jararaca_compiler.project.shared_documents import SharedDocuments
from jararaca_compiler.reading.load import Documents


def compile_shared(
    services: tuple[ir.Service, ...], config: Config, documents: Documents, lookup: Lookup
) -> tuple[tuple[ir.GeneratedFile, ...], SharedSchemas]:
    """The files of the packages, headed, and the schemas that stand in them."""
    files: list[ir.GeneratedFile] = []
    known: dict[str, tuple[str, str]] = {}
    for package in shared_packages(services, config.shared, documents):
        places = _listed_places(services, package.name, config.shared, lookup)
        modules = Modules(package, lookup, Imported(schemas=known), places - known.keys())
        title = docstring([f"The messages of {package.name}, which services share."], 0)
        made = (
            ir.GeneratedFile("__init__.py", title),
            *modules.files(),
            emit_examples(package),
        )
        folder = f"{config.output}/{package.name}"
        files += [
            ir.GeneratedFile(f"{folder}/{file.path}", headed(file, package).source) for file in made
        ]
        more = {place: (package.name, name) for place, name in modules.written.items()}
        known = {**more, **known}
    return tuple(files), known


def _listed_places(
    services: Iterable[ir.Service], package: str, shared: SharedDocuments, lookup: Lookup
) -> set[str]:
    """Schemas of what is listed that a service refers to: each is one class for all, too."""
    reached = {place for service in services for place in Modules(service, lookup).reached}
    return {place for place in reached if shared.package_of([place]) == package}


def services_apart(
    services: tuple[ir.Service, ...], sound: tuple[ir.Service, ...]
) -> tuple[ir.Service, ...]:
    """The sound services that share no message with one that is not sound.

    A package has the messages of all its services: it cannot be made of some of them.
    """
    kept = {service.name for service in sound}
    torn = {
        message.shared
        for service in services
        for message in service.messages
        if service.name not in kept and message.shared is not None
    }
    return tuple(s for s in sound if not torn & {message.shared for message in s.messages})
