"""Installed Python packages of documents, which are copied into the project.

What is made of them names the copy, which has the same path on each machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from jararaca_compiler import ir
from jararaca_compiler.pipeline.write import Change, Disk
from jararaca_compiler.project.config import (
    PACKAGE_COPIES,
    PACKAGE_PREFIX,
    Config,
    ConfigError,
)
from jararaca_compiler.reading.installed import (
    PackageError,
    documents_below,
    package_folder,
    package_name,
)

_IGNORED = ".jararaca/.gitignore"


def is_package(source: str) -> bool:
    """Whether a source names an installed package, like `python:acme_schemas`."""
    return source.startswith(PACKAGE_PREFIX)


def is_copied(service: ir.Service) -> bool:
    """Whether a service's documents are an installed package's."""
    return all(path.startswith(f"{PACKAGE_COPIES}/") for path in service.source.split(", "))


def with_packages(root: Path, config: Config) -> Config:
    """The configuration with the packages among its sources as folders. Raises ConfigError."""
    if not config.has_packages:
        return config
    copy_packages(root, config)
    return replace(config, sources=tuple(in_folder(root, each) for each in config.sources))


def copy_packages(root: Path, config: Config) -> None:
    """Copy what references may lead into. Raises ConfigError."""
    for name in config.packages:
        _copied(root, f"package {name}", "packages", name)


def in_folder(root: Path, source: str) -> str:
    """A package as the folder that has its documents; other sources stay. Raises ConfigError."""
    return _copied(root, f"source {source}", "sources", source) if is_package(source) else source


def _copied(root: Path, what: str, setting: str, text: str) -> str:
    """The folder of the copy; `what` is called so in errors."""
    try:
        name, installed = package_name(text), package_folder(text)
    except PackageError as error:
        raise ConfigError(
            f"{what}: {error}. Install it in this environment with pip, or take it out of the "
            f"{setting}"
        ) from None
    copy = f"{PACKAGE_COPIES}/{name}"
    disk = Disk(root)
    disk.refuse_links(copy)
    disk.apply(_changes(disk, what, copy, installed))
    return copy


def _changes(disk: Disk, what: str, copy: str, installed: Path) -> Iterator[Change]:
    """What makes the copy like the package; nothing where it is like it already."""
    wanted = documents_below(installed)
    if not wanted:
        raise ConfigError(f"{what}: the package is installed, but has no document")
    if disk.read(_IGNORED) is None:
        yield Change(_IGNORED, None, "*\n")
    for path in sorted({*wanted, *documents_below(disk.root / copy)}):
        before = disk.read(f"{copy}/{path}")
        after = _text(what, path, wanted[path]) if path in wanted else None
        if before != after:
            yield Change(f"{copy}/{path}", before, after)


def _text(what: str, path: str, file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{what}: {path} is not UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{what}: {path} cannot be read: {error.strerror}") from None
