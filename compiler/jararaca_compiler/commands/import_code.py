"""The command around an import: loads the code, writes the document, says what comes next."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from jararaca_compiler.diagnostics.wording import count
from jararaca_compiler.emit.document.yaml_text import yaml_text
from jararaca_compiler.importing.classes import read_classes
from jararaca_compiler.importing.discovery import FoundCode, ImportCodeError
from jararaca_compiler.importing.document import document_of
from jararaca_compiler.importing.faststream import is_faststream, read_faststream
from jararaca_compiler.pipeline.write import Change, Disk
from jararaca_compiler.project.config import ConfigError, read_config

STDOUT = "-"


def import_code(root: Path, targets: Sequence[str], output: str | None, title: str | None) -> int:
    """Write the document of the targets' messages; nothing is overwritten. Raises ConfigError."""
    for folder in (root, root / (read_config(root).import_root or ".")):
        if str(folder.resolve()) not in sys.path:
            sys.path.insert(0, str(folder.resolve()))
    try:
        found = _found([_target(target) for target in targets])
    except ImportCodeError as error:
        raise ConfigError(str(error)) from error
    if not found.messages:
        wanted = "name classes with a MESSAGE_TOPIC, or a FastStream application"
        raise ConfigError(f"{', '.join(targets)}: no message; {wanted}")
    name = targets[0].partition(":")[0].partition(".")[0]
    text = yaml_text(document_of(found, title or name.replace("_", " ").capitalize()))
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
    handled = sum(len(message.handlers) for message in found.messages)
    told = f"{count(len(found.messages), 'message')}, {count(handled, 'handler')}"
    print(f"{told} written to {path}\nNext: jararaca codegen {path}", flush=True)
    return 0


def _found(targets: Sequence[Any]) -> FoundCode:
    modules = [target for target in targets if isinstance(target, ModuleType)]
    applications = [target for target in targets if not isinstance(target, ModuleType)]
    applications += [
        value
        for module in modules
        for value in vars(module).values()
        if is_faststream(value) and hasattr(value, "schema") and hasattr(value, "broker")
    ]
    parts = [read_classes(modules), *map(read_faststream, applications)]
    schemas: dict[str, Any] = {}
    for part in parts:
        schemas |= part.schemas
    messages = tuple(message for part in parts for message in part.messages)
    return FoundCode(messages, schemas, tuple(note for part in parts for note in part.notes))


def _target(target: str) -> Any:
    name, _, attribute = target.partition(":")
    if not all(part.isidentifier() for part in name.split(".")):
        raise ImportCodeError(
            f"{target!r} names no module: write myapp.messages, or myapp.main:app"
        )
    try:
        module = import_module(name)
    except Exception as error:
        raise ImportCodeError(
            f"{name} cannot be imported: {type(error).__name__}: {error}"
        ) from error
    if not attribute:
        return module
    found = getattr(module, attribute, None)
    if found is None or not is_faststream(found):
        raise ImportCodeError(f"{target} is no FastStream application")
    return found
