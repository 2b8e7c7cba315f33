"""Where a project lies in its git repository: the paths of a pull request begin there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

Place = Callable[[str], str]


def repository_of(root: Path) -> Path | None:
    """The folder of the git repository that a folder is in."""
    start = root.resolve()
    return next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), None)


def repository_place(root: Path) -> Place:
    """Makes a path that is relative to `root` relative to the repository around it.

    Outside of a repository, and for a file that is not in it, paths stay as they are.
    """
    start, top = root.resolve(), repository_of(root)

    def place(path: str) -> str:
        absolute = Path(os.path.normpath(start / path))
        if top is None or not absolute.is_relative_to(top):
            return path
        return absolute.relative_to(top).as_posix()

    return place
