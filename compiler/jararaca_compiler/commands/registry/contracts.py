"""`jararaca contracts`: publish what each service is, and where it runs."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jararaca_shared.columns import laid_out, room_on
from jararaca_shared.printable import printable

from jararaca_compiler import ir
from jararaca_compiler.commands.console.statuses import DONE, FOUND
from jararaca_compiler.commands.console.terminal import Progress
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.emit.document.asyncapi import emit_document
from jararaca_compiler.linking.registry.folder import RegistryFolder, digest
from jararaca_compiler.linking.registry.place import RegistryPlace, registry_place
from jararaca_compiler.linking.registry.record import Record, RegistryError, environment_path
from jararaca_compiler.pipeline.compilation import Contract, read_contract
from jararaca_compiler.pipeline.packages import with_packages
from jararaca_compiler.project.config import Config, ConfigError, read_table
from jararaca_compiler.reading.remote import Remote


def registry_of(root: Path, given: str | None) -> RegistryPlace:
    """The registry of `--to`, else of `[tool.jararaca] registry`. Raises ConfigError."""
    text = given or read_table(root).get("registry")
    if not isinstance(text, str) or not text:
        raise ConfigError(
            'name a registry: [tool.jararaca] registry = "git+ssh://git@example.com/team/'
            'contracts#main", or a folder'
        )
    try:
        return registry_place(text, root)
    except RegistryError as error:
        raise ConfigError(str(error)) from error


def sound_contract(root: Path, config: Config) -> Contract:
    """The sources' contract. Raises ConfigError where they do not compile."""
    if not config.sources:
        raise ConfigError("no document is named: [tool.jararaca] sources")
    remote = Remote(root)
    with Progress() as progress:
        contract = read_contract(with_packages(root, config), root, progress, remote)
    if not contract.is_sound:
        raise ConfigError("the documents have errors: `jararaca codegen` shows them")
    return contract


def publish(
    root: Path, config: Config, names: Sequence[str], to: str | None, environment: str | None
) -> int:
    """Write the documents of services, all or the named ones, into the registry.

    With `environment`, say also that these versions are there; `SERVICE@VERSION` is one that is
    published already. Raises ConfigError.
    """
    place = registry_of(root, to)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    earlier = [name for name in names if "@" in name]
    if earlier and environment is None:
        raise ConfigError(f"{earlier[0]}: name the --environment that it is in now")
    try:
        if environment is not None:
            environment_path(environment)
        by = place.user(root)
        published: list[tuple[Record, str | None]] = []
        if len(earlier) < len(names) or not names:
            own = [name for name in names if "@" not in name]
            contract = sound_contract(root, config)
            for service in _chosen(contract.services, own):
                document = emit_document(service, contract.resolver.lookup).source
                record = Record(service.name, service.version, digest(document), now, by)
                published.append((record, document))
        for name in earlier:
            service_name, _, version = name.partition("@")
            published.append((Record(service_name, version, "", now, by), None))
        changed = place.write(
            lambda registry: _written(registry, environment, published),
            _message([record for record, _ in published], environment),
        )
    except RegistryError as error:
        raise ConfigError(str(error)) from error
    where = f" in {environment}" if environment else ""
    for record, _ in published:
        state = "" if changed else ", as before"
        print(printable(f"published {record.service} {record.version}{where}{state}"))
    return DONE


def remove(root: Path, names: Sequence[str], to: str | None, environment: str) -> int:
    """Say that services are not in an environment any more. Raises ConfigError."""
    place = registry_of(root, to)
    there: dict[str, bool] = {}

    def gone(registry: RegistryFolder) -> bool:
        there.update({name: registry.remove(environment, name) for name in names})
        return any(there.values())

    try:
        place.write(gone, f"Remove {', '.join(names)} from {environment}")
    except RegistryError as error:
        raise ConfigError(str(error)) from error
    for name, was_there in there.items():
        state = "removed from" if was_there else "is not in"
        print(printable(f"{name} {state} {environment}"))
    return DONE if all(there.values()) else FOUND


def list_published(root: Path, to: str | None) -> int:
    """Print which version is in which environment. Raises ConfigError."""
    try:
        with registry_of(root, to).reading() as registry:
            rows = [
                [
                    printable(each)
                    for each in (environment, record.service, record.version, record.at, record.by)
                ]
                for environment in registry.environments()
                for record in registry.records(environment)
            ]
    except RegistryError as error:
        raise ConfigError(str(error)) from error
    for line in laid_out(rows, room=room_on(sys.stdout)):
        print(line)
    if not rows:
        print("nothing is published in an environment yet")
    return DONE


def _written(
    registry: RegistryFolder,
    environment: str | None,
    published: Sequence[tuple[Record, str | None]],
) -> bool:
    known = [(record, text or _earlier(registry, record)) for record, text in published]
    changes = [
        registry.publish(environment, replace(record, sha256=digest(text)), text)
        for record, text in known
    ]
    return any(changes)


def _earlier(registry: RegistryFolder, record: Record) -> str:
    text = registry.contract(record.service, record.version)
    if text is None:
        raise RegistryError(f"{record.service} {record.version} is not published")
    return text


def _chosen(services: Sequence[ir.Service], names: Sequence[str]) -> list[ir.Service]:
    known = {service.name: service for service in services}
    for name in names:
        if name not in known:
            raise ConfigError(f"there is no service {name!r}; there are {', '.join(known)}")
    return [known[name] for name in names] if names else list(services)


def _message(records: Sequence[Record], environment: str | None) -> str:
    what = ", ".join(f"{record.service} {record.version}" for record in records)
    where = f" in {environment}" if environment else ""
    return (
        f"Publish {what}{where}"
        if len(records) < 4
        else f"Publish {count(len(records), 'contract')}{where}"
    )
