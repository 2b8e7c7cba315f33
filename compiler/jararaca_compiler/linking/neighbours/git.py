"""Documents in another git repository: git itself fetches one commit of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jararaca_compiler.linking.git_command import SCHEMES, GitError, git
from jararaca_compiler.linking.neighbours.source import NeighbourError
from jararaca_compiler.reading.git_archive import unpack
from jararaca_compiler.reading.load import SUFFIXES

PREFIX = "git+"


@dataclass(frozen=True, slots=True)
class GitSource:
    """`git+URL#REF:PATH`; `ref` is a branch, a tag or a commit, `path` a file or folder."""

    url: str
    ref: str
    path: str


def git_source(text: str) -> GitSource:
    """The parts of a neighbour's text. Raises NeighbourError."""
    url, _, place = text.removeprefix(PREFIX).partition("#")
    ref, _, path = place.partition(":")
    if not url.startswith(SCHEMES):
        raise NeighbourError(f"write {PREFIX}ssh://, {PREFIX}https:// or {PREFIX}file://")
    parts = PurePosixPath(path).parts
    if ref.startswith("-") or ".." in parts or path.startswith("/"):
        raise NeighbourError("write it like git+https://host/team/repository#main:schemas")
    return GitSource(url, ref or "HEAD", path)


def fetch(source: GitSource, folder: Path) -> None:
    """Write the documents of the commit into `folder`. Raises NeighbourError."""
    repository = folder / ".git"
    at = f"--git-dir={repository}"
    try:
        git("init", "--quiet", "--bare", str(repository))
        git(at, "fetch", "--quiet", "--depth=1", "--no-tags", "--", source.url, source.ref)
        archive = git(at, "archive", "--format=tar", "FETCH_HEAD")
    except GitError as error:
        raise NeighbourError(str(error)) from error
    unpack(archive, folder, lambda name: name.endswith(SUFFIXES))
