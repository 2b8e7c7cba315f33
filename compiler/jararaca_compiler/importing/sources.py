"""Applications and packages among the sources: each becomes the documents that it amounts to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jararaca_shared.yaml_text import yaml_text

from jararaca_compiler.importing.document import document_of, title_of
from jararaca_compiler.importing.targets import APPLICATION, read_targets, service_name
from jararaca_compiler.pipeline.packages import copy_packages, in_folder, is_package
from jararaca_compiler.pipeline.write import Change, Disk
from jararaca_compiler.project.config import Config, ConfigError

FOLDER = ".jararaca/code"
"""Where such a document is written, so that a diagnostic's place can be opened."""


def is_application(root: Path, source: str) -> bool:
    """Whether a source names an application, like `myapp.main:app`, rather than a file."""
    if is_package(source) or APPLICATION.fullmatch(source) is None:
        return False
    return not (root / source).exists()


def documented(root: Path, config: Config) -> Config:
    """The configuration with applications and packages among its sources as documents.

    Without a source, it is the application that the worker runs. Raises ConfigError.
    """
    copy_packages(root, config)
    sources = config.sources
    if not sources and config.app is not None and is_application(root, config.app):
        sources = (config.app,)
    return replace(config, sources=in_files(root, sources))


def in_files(root: Path, sources: Sequence[str]) -> tuple[str, ...]:
    """The sources as paths. Raises ConfigError for code that cannot be read."""
    return tuple(
        _written(root, each) if is_application(root, each) else in_folder(root, each)
        for each in sources
    )


def _written(root: Path, target: str) -> str:
    found = read_targets(root, [target])
    name = service_name(target, found)
    path = f"{FOLDER}/{name}.asyncapi.yaml"
    disk = Disk(root)
    text = yaml_text(document_of(found, title_of(name)))
    disk.apply([Change(path, disk.read(path), text)])
    return path


def in_files_of(folder: Path, sources: Sequence[str]) -> tuple[str, ...]:
    """The same for another checkout: its code is read by a process of its own in that folder.

    Raises ConfigError.
    """
    return tuple(
        _read_there(folder, each) if is_application(folder, each) else each for each in sources
    )


def _read_there(folder: Path, target: str) -> str:
    path = f"{FOLDER}/then.asyncapi.yaml"
    command = [sys.executable, "-m", "jararaca.cli", "import", target, "--output", path]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ConfigError(f"{target}, as it was then: {done.stderr.strip()}")
    return path
