"""Files that a command exports, and the record by which it tells its files from others'."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from jararaca_compiler.pipeline.write import Change, Disk, WriteError

Files = Mapping[str, str]
"""Texts by their paths below the output."""


@dataclass(frozen=True, slots=True)
class Record:
    """The record's file name, the command that writes it, and how to choose another folder.

    For each file it has the SHA-256 of what was written.
    """

    name: str
    command: str
    elsewhere: str

    @property
    def about(self) -> str:
        """What the record says of itself."""
        return f"Written by `{self.command}`: files that are not as recorded here are not touched."


@dataclass(frozen=True, slots=True)
class Plan:
    """What an export changes; `refused` says of each file that is in the way why it is."""

    changes: tuple[Change, ...]
    refused: tuple[str, ...]
    files: int


def plan(disk: Disk, output: str, files: Files, record: Record) -> Plan:
    """What differs from what is on the disk. A file that somebody wrote or edited stays as it is.

    Raises WriteError for a record that cannot be read, and for links.
    """
    recorded = recorded_files(disk, output, record)
    whole = {**files, record.name: _text(files, record)}
    changes, refused = [], []
    for path, text in sorted(whole.items()):
        disk.refuse_links(f"{output}/{path}")
        before = disk.read(f"{output}/{path}")
        if before == text:
            continue
        changes.append(Change(f"{output}/{path}", before, text))
        if before is None or path == record.name:
            continue
        if path not in recorded:
            refused.append(f"{output}/{path} was not written by `{record.command}`")
        elif recorded[path] != digest_of(before):
            refused.append(f"{output}/{path} was edited")
    for path in sorted(recorded.keys() - whole.keys()):
        disk.refuse_links(f"{output}/{path}")
        before = disk.read(f"{output}/{path}")
        if before is not None and recorded[path] == digest_of(before):
            changes.append(Change(f"{output}/{path}", before, None))
    return Plan(tuple(changes), tuple(refused), len(whole))


def recorded_files(disk: Disk, output: str, record: Record) -> Mapping[str, str]:
    """What the last export wrote: digests by path. Raises WriteError for what is no such record."""
    path = f"{output}/{record.name}"
    text = disk.read(path)
    if text is None:
        return {}
    try:
        found: Any = json.loads(text)
        files = found["files"]
        if found["about"] != record.about or not all(
            _is_below(each, files[each]) for each in files
        ):
            raise ValueError
    except (ValueError, TypeError, KeyError):
        raise WriteError(
            f"{path} is no record of `{record.command}`: choose another folder, with "
            f"{record.elsewhere}"
        ) from None
    return dict(files)


def _text(files: Files, record: Record) -> str:
    digests = {path: digest_of(text) for path, text in files.items()}
    return json.dumps({"about": record.about, "files": digests}, indent=2) + "\n"


def _is_below(path: Any, digest: Any) -> bool:
    plain = isinstance(path, str) and isinstance(digest, str) and bool(path)
    return plain and not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts


def digest_of(text: str) -> str:
    """A file as it is recorded."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
