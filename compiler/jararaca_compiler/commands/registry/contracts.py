"""`jararaca contracts`: publish what each service is, and where it runs."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from jararaca_shared.printable import printable

from jararaca_compiler import ir
from jararaca_compiler.commands.console.statuses import DONE
from jararaca_compiler.commands.console.terminal import Progress
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.emit.document.asyncapi import emit_document
from jararaca_compiler.linking.registry.folder import RegistryFolder, digest
from jararaca_compiler.linking.registry.place import RegistryPlace, registry_place
from jararaca_compiler.linking.registry.record import Record, RegistryError, environment_path
from jararaca_compiler.pipeline.compilation import Contract, read_contract
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
        contract = read_contract(config, root, progress, remote)
    if not contract.is_sound:
        raise ConfigError("the documents have errors: `jararaca codegen` shows them")
    return contract


def publish(
    root: Path, config: Config, names: Sequence[str], to: str | None, environment: str | None
) -> int:
    """Write the documents of services, all or the named ones, into the registry.

    With `environment`, say also that these versions are there. Raises ConfigError.
    """
    place = registry_of(root, to)
    contract = sound_contract(root, config)
    services = _chosen(contract.services, names)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    try:
        if environment is not None:
            environment_path(environment)
        by = place.user(root)
        published = []
        for service in services:
            document = emit_document(service, contract.resolver.lookup)[1].source
            record = Record(service.name, service.version, digest(document), now, by)
            published.append((record, document))
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
    widths = [max(len(row[place]) for row in rows) for place in range(5)] if rows else []
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    if not rows:
        print("nothing is published in an environment yet")
    return DONE


def _written(
    registry: RegistryFolder,
    environment: str | None,
    published: Sequence[tuple[Record, str]],
) -> bool:
    changes = [registry.publish(environment, record, text) for record, text in published]
    return any(changes)


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
