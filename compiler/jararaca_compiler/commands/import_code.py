"""`jararaca import`: reads code or schema files, writes the document, says what comes next."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from jararaca_shared.yaml_text import yaml_text

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.emit.stubs.handlers import complete
from jararaca_compiler.importing.code_first import code_contract
from jararaca_compiler.importing.discovery import DiscoveredCode
from jararaca_compiler.importing.document import document_of, title_of
from jararaca_compiler.importing.handler_options import options_by_method
from jararaca_compiler.importing.schema_files.files import is_schema_file, read_schema_files
from jararaca_compiler.importing.targets import read_targets, service_name
from jararaca_compiler.pipeline.compilation import handlers_package
from jararaca_compiler.pipeline.write import Change, Disk
from jararaca_compiler.project.config import ConfigError, read_config

STDOUT = "-"


def import_code(root: Path, targets: Sequence[str], output: str | None, title: str | None) -> int:
    """Write the document of the targets' messages; nothing is overwritten. Raises ConfigError."""
    files = [is_schema_file(root, target) for target in targets]
    if any(files) and not all(files):
        raise ConfigError("import code and schema files one after the other: they do not mix")
    found = read_schema_files(root, targets) if all(files) else read_targets(root, targets)
    name = service_name(targets[0], found)
    text = yaml_text(document_of(found, title or found.title or title_of(name)))
    for note in found.notes:
        print(f"note: {note}", file=sys.stderr, flush=True)
    if output == STDOUT:
        print(text, end="", flush=True)
        return 0
    path = output or f"schemas/{name}.asyncapi.yaml"
    disk = Disk(root)
    if disk.read(path) is not None:
        raise ConfigError(f"{path} exists: choose with --output, or `--output -` to look at it")
    disk.apply([Change(path, None, text)])
    _stubs(root, found, name, path, disk)
    handled = sum(len(message.handlers) for message in found.messages)
    told = f"{count(len(found.messages), 'message')}, {count(handled, 'handler')}"
    print(f"{told} written to {path}\nNext: jararaca codegen {path}", flush=True)
    return 0


def _stubs(root: Path, found: DiscoveredCode, name: str, path: str, disk: Disk) -> None:
    """Write the stubs of handlers that have options, which no document has a place for."""
    contract = code_contract(found, name, path)
    if not found.methods or not contract.is_sound:
        return
    config = read_config(root)
    for service in contract.services:
        options, notes = options_by_method(found, service)
        file = config.handlers_path(service.name)
        if disk.read(file) is not None:
            told = {method: ", ".join(texts) for method, texts in options.items()}
            notes += tuple(f"{method}: its decorator has {texts}" for method, texts in told.items())
            options = {}
        for note in notes:
            print(f"note: {note}", file=sys.stderr, flush=True)
        made = complete(service, config.package, file, None, options=options)
        if made is not None and options:
            stubs = [*handlers_package(file, disk.read), ir.GeneratedFile(file, made.text)]
            disk.apply([Change(each.path, None, each.source) for each in stubs])
            print(f"stubs with the handlers' options written to {file}", flush=True)
