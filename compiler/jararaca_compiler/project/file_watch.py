"""Noticing that a document was saved, by looking: it works on every disk and needs nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from jararaca_shared.settings import PYPROJECT

from jararaca_compiler.project.config import Config, is_below

LOOK_SECONDS = 0.1
DOCUMENTS = (".yaml", ".yml", ".json", ".avsc", ".proto")
Stamps = dict[str, tuple[int, int]]


def watch(root: Path, config: Config, act: Callable[[], object]) -> None:
    """Call `act` after each change of a document, until interrupted."""
    known = stamps(root, config)
    while True:
        time.sleep(LOOK_SECONDS)
        found = stamps(root, config)
        if found != known:
            known = found
            act()


def stamps(root: Path, config: Config) -> Stamps:
    """What tells that a document may have changed: all that could be one, near the sources."""
    folders = {root / source for source in config.sources}
    folders |= {folder.parent for folder in folders if folder.is_file()}
    files = [root / PYPROJECT]
    for folder in folders:
        for place, names, found in os.walk(folder):
            names[:] = [name for name in names if not _is_ignored(Path(place, name), root, config)]
            files += [Path(place, name) for name in found if name.endswith(DOCUMENTS)]
    return {str(file): stamp for file in files if (stamp := _stamp(file))}


def _is_ignored(folder: Path, root: Path, config: Config) -> bool:
    """What we write ourselves, and what nobody keeps documents in."""
    return is_below(folder, root, config.output) or folder.name.startswith((".", "node_modules"))


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
