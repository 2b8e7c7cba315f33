"""Applications among the sources: each becomes the document that it amounts to, in a file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from jararaca_compiler.emit.document.yaml_text import yaml_text
from jararaca_compiler.importing.document import document_of, title_of
from jararaca_compiler.importing.targets import APPLICATION, read_targets, service_name
from jararaca_compiler.pipeline.write import Change, Disk
from jararaca_compiler.project.config import ConfigError

FOLDER = ".jararaca/code"
"""Where such a document is written, so that a diagnostic's place can be opened."""


def is_application(root: Path, source: str) -> bool:
    """Whether a source names an application, like `myapp.main:app`, rather than a file."""
    return APPLICATION.fullmatch(source) is not None and not (root / source).exists()


def in_files(root: Path, sources: Sequence[str]) -> tuple[str, ...]:
    """The sources as paths. Raises ConfigError for code that cannot be read."""
    return tuple(_written(root, each) if is_application(root, each) else each for each in sources)


def _written(root: Path, target: str) -> str:
    found = read_targets(root, [target])
    name = service_name(target, found)
    path = f"{FOLDER}/{name}.asyncapi.yaml"
    disk = Disk(root)
    text = yaml_text(document_of(found, title_of(name)))
    disk.apply([Change(path, disk.read(path), text)])
    return path


def written_there(folder: Path, target: str) -> str:
    """The same for the code of another checkout, read by a process of its own in that folder.

    Raises ConfigError.
    """
    path = f"{FOLDER}/then.asyncapi.yaml"
    command = [sys.executable, "-m", "jararaca.cli", "import", target, "--output", path]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ConfigError(f"{target}, as it was: {done.stderr.strip()}")
    return path
