"""`jararaca import`: reads code or schema files, writes the document, says what comes next."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.emit.document.yaml_text import yaml_text
from jararaca_compiler.importing.document import document_of, title_of
from jararaca_compiler.importing.schema_files.files import is_schema_file, read_schema_files
from jararaca_compiler.importing.targets import read_targets, service_name
from jararaca_compiler.pipeline.write import Change, Disk
from jararaca_compiler.project.config import ConfigError

STDOUT = "-"


def import_code(root: Path, targets: Sequence[str], output: str | None, title: str | None) -> int:
    """Write the document of the targets' messages; nothing is overwritten. Raises ConfigError."""
    files = [is_schema_file(root, target) for target in targets]
    if any(files) and not all(files):
        raise ConfigError("import code and schema files one after the other: they do not mix")
    found = read_schema_files(root, targets) if all(files) else read_targets(root, targets)
    name = service_name(targets[0], found)
    text = yaml_text(document_of(found, title or title_of(name)))
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
