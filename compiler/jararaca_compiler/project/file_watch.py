"""Noticing that a document was saved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jararaca_shared.settings import PYPROJECT

from jararaca_compiler.project.config import Config, ConfigError, is_below
from jararaca_compiler.project.guides import guides_folder

SETTLED_MILLISECONDS = 50
"""What is saved within this time is one change."""

BACKSTOP_MILLISECONDS = 2_000
"""How often to look without being told: some network disks tell nothing."""

DOCUMENTS = (".yaml", ".yml", ".json", ".avsc", ".proto")


@dataclass(frozen=True, slots=True)
class Look:
    """What is there: the folders in which a document, or the configuration, may be saved, and what
    tells that one has changed.
    """

    folders: frozenset[Path]
    stamps: dict[str, tuple[int, int]]


def watch(root: Path, config: Config, act: Callable[[], object]) -> None:
    """Call `act` after each change of a document, until interrupted.

    Raises ConfigError where the system watches no more folders.
    """
    known = look(root, config)
    while True:
        watched = known.folders
        for _ in wakes(watched):
            found = look(root, config)
            changed, known = found.stamps != known.stamps, found
            if changed:
                act()
            if known.folders != watched:
                break


def wakes(folders: frozenset[Path]) -> Iterator[object]:
    """One value each time that something in a folder may have changed."""
    from watchfiles import watch as changes

    try:
        yield from changes(
            *folders,
            watch_filter=None,
            debounce=SETTLED_MILLISECONDS,
            step=SETTLED_MILLISECONDS,
            rust_timeout=BACKSTOP_MILLISECONDS,
            yield_on_timeout=True,
            recursive=False,
        )
    except FileNotFoundError:
        return  # A folder that went meanwhile.
    except OSError as error:
        raise ConfigError(
            f"the documents cannot be watched ({error.strerror or error}): raise the system's "
            "limit of watched files, or set WATCHFILES_FORCE_POLLING=true"
        ) from error


def look(root: Path, config: Config) -> Look:
    """All that could be a document, near the sources."""
    folders, files = {root}, [root / PYPROJECT]
    for folder, names in _walk(root, config):
        folders.add(folder)
        files += [folder / name for name in names if name.endswith(DOCUMENTS)]
    for folder, names in _guides(root):
        folders.add(folder)
        files += [folder / name for name in names]
    stamps = {str(file): stamp for file in files if (stamp := _stamp(file))}
    return Look(frozenset(folders), stamps)


def _walk(root: Path, config: Config) -> Iterator[tuple[Path, list[str]]]:
    for source in {root / source for source in config.sources}:
        top = source.parent if source.is_file() else source
        for place, inner, files in os.walk(top):
            inner[:] = [name for name in inner if not _is_ignored(Path(place, name), root, config)]
            yield Path(place), files


def _guides(root: Path) -> Iterator[tuple[Path, list[str]]]:
    """The guides, and what lies beside them."""
    with suppress(ConfigError):
        folder = guides_folder(root)
        if folder is not None:
            for place, _, files in os.walk(folder):
                yield Path(place), files


def _is_ignored(folder: Path, root: Path, config: Config) -> bool:
    """What we write ourselves, and what nobody keeps documents in."""
    return is_below(folder, root, config.output) or folder.name.startswith((".", "node_modules"))


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
