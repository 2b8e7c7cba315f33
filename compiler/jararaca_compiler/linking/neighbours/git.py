"""Documents in another git repository: git itself fetches one commit of it."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from jararaca_compiler.linking.neighbours.source import NeighbourError
from jararaca_compiler.reading.git_archive import unpack
from jararaca_compiler.reading.load import SUFFIXES

PREFIX = "git+"
_SCHEMES = ("ssh://", "https://", "http://", "file://")
_SECONDS = 60
_USER = re.compile(r"//[^/@]*@")


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
    if not url.startswith(_SCHEMES):
        raise NeighbourError(f"write {PREFIX}ssh://, {PREFIX}https:// or {PREFIX}file://")
    parts = PurePosixPath(path).parts
    if ref.startswith("-") or ".." in parts or path.startswith("/"):
        raise NeighbourError("write it like git+https://host/team/repository#main:schemas")
    return GitSource(url, ref or "HEAD", path)


def fetch(source: GitSource, folder: Path) -> None:
    """Write the documents of the commit into `folder`. Raises NeighbourError."""
    repository = folder / ".git"
    _git("init", "--quiet", "--bare", str(repository))
    at = f"--git-dir={repository}"
    _git(at, "fetch", "--quiet", "--depth=1", "--no-tags", "--", source.url, source.ref)
    archive = _git(at, "archive", "--format=tar", "FETCH_HEAD")
    unpack(archive, folder, lambda name: name.endswith(SUFFIXES))


def _git(*arguments: str) -> bytes:
    """Never asks for a password: nobody may be there to answer."""
    environment = os.environ | {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": _PROTOCOLS}
    try:
        done = subprocess.run(
            ["git", *arguments],
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
            env=environment,
        )
    except subprocess.TimeoutExpired as error:
        raise NeighbourError(f"git did not answer within {_SECONDS} s") from error
    except OSError as error:
        raise NeighbourError(f"git cannot be run: {error.strerror}") from error
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
        reason = _USER.sub("//", lines[0].removeprefix("fatal: "))
        raise NeighbourError(f"git: {reason}")
    return done.stdout


_PROTOCOLS = ":".join(scheme.removesuffix("://") for scheme in _SCHEMES)
