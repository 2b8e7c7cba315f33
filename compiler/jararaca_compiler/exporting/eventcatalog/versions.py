"""Earlier versions stay in the catalogue, in the folders that EventCatalog reads them from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from jararaca_compiler.pipeline.recorded import Files, digest_of
from jararaca_compiler.pipeline.write import Disk

_OLDER = "versioned"
_INDEX = "index.mdx"
_VERSION = re.compile(r'^version: "?([^"\n]+)"?$', re.MULTILINE)


def with_earlier(disk: Disk, output: str, recorded: Mapping[str, str], files: Files) -> Files:
    """The files, with what an earlier export kept, and with what now has another version.

    Only texts that are still as they were written are kept as a version: an edited page is
    somebody's own.
    """
    kept = {
        path: text
        for path in recorded
        if _OLDER in PurePosixPath(path).parts
        and (text := _unedited(disk, output, path, recorded)) is not None
    }
    for path in files:
        if PurePosixPath(path).name == _INDEX:
            before = _folder(disk, output, path, recorded)
            if path in before and _is_new_version(path, before, files):
                kept |= _moved(path, before)
    return {**kept, **files}


def _folder(disk: Disk, output: str, index: str, recorded: Mapping[str, str]) -> Files:
    """The page and what lies beside it, as the last export left them."""
    folder = PurePosixPath(index).parent
    beside = [path for path in recorded if PurePosixPath(path).parent == folder]
    texts = ((path, _unedited(disk, output, path, recorded)) for path in beside)
    return {path: text for path, text in texts if text is not None}


def _moved(index: str, before: Files) -> Files:
    place = f"{PurePosixPath(index).parent}/{_OLDER}/{_version(before[index])}"
    return {f"{place}/{PurePosixPath(path).name}": text for path, text in before.items()}


def _unedited(disk: Disk, output: str, path: str, recorded: Mapping[str, str]) -> str | None:
    text = disk.read(f"{output}/{path}") if path in recorded else None
    return text if text is not None and recorded[path] == digest_of(text) else None


def _is_new_version(index: str, before: Files, after: Files) -> bool:
    """Whether more has changed than the number, which a message has from its service."""
    versions = _version(before[index]), _version(after[index])
    if versions[0] == versions[1] or "" in versions:
        return False
    return any(
        _VERSION.sub("", before[path], count=1) != _VERSION.sub("", after.get(path, ""), count=1)
        for path in before
    )


def _version(page: str) -> str:
    """The version in the front matter."""
    front = page.removeprefix("---\n").partition("\n---\n")[0]
    found = _VERSION.search(front)
    return found[1] if found else ""
