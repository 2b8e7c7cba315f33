"""The documents of a git revision, in a temporary folder; git itself reads them."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from jararaca_shared.settings import PYPROJECT

from jararaca_compiler.project.repository import repository_of
from jararaca_compiler.reading.git_archive import unpack
from jararaca_compiler.reading.load import SUFFIXES

_ALIKE = 0.3
"""The share of lines in common by which a document is another one under a new name."""


class RevisionError(Exception):
    """The revision cannot be read; the text says why."""


def extract(
    revision: str, project: Path, folder: Path, *, code: bool = False, whole: bool = False
) -> Path:
    """Write pyproject.toml and the documents of `project` as of `revision` into `folder`.

    With `code`, write every file; with `whole`, what stands above the project in its repository,
    too. The answer is the project's folder. Raises RevisionError where git is missing, or does not
    know the revision or the project.
    """
    if revision.startswith("-"):
        raise RevisionError(f"`{revision}` is not a revision")
    start = repository_of(project) or project if whole else project
    command = ["git", "-C", str(start), "archive", "--format=tar", revision]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise RevisionError(f"git cannot be run ({error.strerror}): install it") from error
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise RevisionError(f"git cannot read `{revision}`: {reason}")
    unpack(done.stdout, folder, lambda name: code or name.endswith((*SUFFIXES, PYPROJECT)))
    return folder / project.resolve().relative_to(start.resolve())


def followed(paths: Sequence[Path], project: Path, folder: Path) -> list[Path]:
    """The paths as they were: a document that is called differently now is found by its text.

    What was not there in any form is left out.
    """
    found = dict.fromkeys(path for path in paths if (folder / path).exists())
    new = [path for path in paths if path not in found and (project / path).is_file()]
    for path in new:
        earlier = _earlier(project / path, _gone(project, folder))
        if earlier is not None:
            found[earlier.relative_to(folder)] = None
    return list(found)


def _gone(project: Path, folder: Path) -> list[Path]:
    """The documents of the revision that are no longer where they were."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.name.endswith(SUFFIXES) and not (project / path.relative_to(folder)).exists()
    ]


def _earlier(path: Path, gone: Iterable[Path]) -> Path | None:
    """The document that has most lines in common, where these are many."""
    lines = _lines(path)
    best, most = None, _ALIKE
    for other in gone:
        others = _lines(other)
        common = (lines & others).total() / max(lines.total(), others.total(), 1)
        if common > most:
            best, most = other, common
    return best


def _lines(path: Path) -> Counter[str]:
    text = path.read_text("utf-8", errors="replace")
    return Counter(line.strip() for line in text.splitlines() if line.strip())
