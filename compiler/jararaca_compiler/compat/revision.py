"""The documents of a git revision, in a temporary folder; git itself reads them."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

from jararaca_compiler.reading.load import SUFFIXES


class RevisionError(Exception):
    """The revision cannot be read; the text says why."""


def extract(revision: str, project: Path, folder: Path, *, code: bool = False) -> None:
    """Write the YAML and JSON files of `project` as of `revision` into `folder`.

    With `code`, write every file.

    Raises RevisionError where git is missing, or does not know the revision or the project.
    """
    if revision.startswith("-"):
        raise RevisionError(f"`{revision}` is not a revision")
    command = ["git", "-C", str(project), "archive", "--format=tar", revision]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise RevisionError(f"git cannot be run: {error.strerror}") from error
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise RevisionError(f"git cannot read `{revision}`: {reason}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        wanted = [m for m in archive if m.isfile() and (code or m.name.endswith(SUFFIXES))]
        archive.extractall(folder, members=wanted, filter="data")
