"""`jararaca codegen --from-code`: the routing table of an application that has no document.

A production image that keeps it needs no compiler to start.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from jararaca_shared.printable import printable_lines

from jararaca_compiler import ir
from jararaca_compiler.commands.console.statuses import DONE, FOUND, WRONG
from jararaca_compiler.commands.console.terminal import coloured
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.diagnostics.report import render
from jararaca_compiler.emit.document.asyncapi import emit_document
from jararaca_compiler.emit.examples import emit_examples
from jararaca_compiler.emit.header import headed, header
from jararaca_compiler.emit.python.formatting import docstring
from jararaca_compiler.emit.routes import emit_routes
from jararaca_compiler.emit.topology import emit_topology
from jararaca_compiler.importing.code_first import code_contract
from jararaca_compiler.importing.code_names import CodeNames
from jararaca_compiler.importing.discovery import DiscoveredCode
from jararaca_compiler.importing.targets import read_targets, service_name
from jararaca_compiler.pipeline.compilation import Contract
from jararaca_compiler.pipeline.write import Change, Disk
from jararaca_compiler.project.config import Config, ConfigError


def codegen_from_code(root: Path, config: Config, target: str, *, check: bool) -> int:
    """Write the package of an application's table, or compare it. Raises ConfigError."""
    found = read_targets(root, [target])
    contract = code_contract(found, service_name(target, found), target)
    if not contract.is_sound:
        print(_told(contract), file=sys.stderr, flush=True)
        return WRONG
    files = _files(found, contract, config)
    disk = Disk(root)
    changes, refused = disk.changes(files, ())
    if refused:
        raise ConfigError("; ".join(each.message for each in refused))
    if check:
        return _compared(changes, target)
    disk.apply(changes)
    service = contract.services[0]
    handlers = len({each.method for o in service.operations for each in o.handlers})
    print(f"{service.name}: {count(handlers, 'handler')}, {count(len(files), 'file')}", flush=True)
    return DONE


def _files(found: DiscoveredCode, contract: Contract, config: Config) -> list[ir.GeneratedFile]:
    service, lookup = contract.services[0], contract.resolver.lookup
    names = CodeNames(found, "__file__")
    if names.local:
        kinds = ", ".join(kind.__qualname__ for kind in names.local.values())
        raise ConfigError(
            f"{kinds}: a table names classes that stand in a module by a name: neither one in a "
            "function, nor a generic that is filled in where it is used (`class OfAddress("
            "Envelope[Address]): ...` has a name)"
        )
    made = (
        ir.GeneratedFile("__init__.py", docstring([f"{service.title}, compiled from code."], 0)),
        emit_routes(service, names, lookup),
        emit_topology(service),
        emit_document(service, lookup),
        emit_examples(service),
    )
    output = config.for_service(service.name).output
    placed = [
        ir.GeneratedFile(f"{output}/{service.name}/{file.path}", headed(file, service).source)
        for file in made
    ]
    package = header(None) + docstring(["Compiled services, a package each."], 0)
    return [ir.GeneratedFile(f"{output}/__init__.py", package), *placed]


def _compared(changes: Sequence[Change], target: str) -> int:
    for change in changes:
        print(printable_lines(change.difference()), end="")
    if changes:
        again = f"run `jararaca codegen --from-code {target}`"
        print(f"{count(len(changes), 'file')} stale: {again}", file=sys.stderr, flush=True)
    return FOUND if changes else DONE


def _told(contract: Contract) -> str:
    return render(
        contract.diagnostics, "text", contract.documents.text, colour=coloured(sys.stderr)
    )
