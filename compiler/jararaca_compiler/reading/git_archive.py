"""What `git archive` gives, written as files."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath


def unpack(archive: bytes, folder: Path, is_wanted: Callable[[str], bool]) -> None:
    """Write the wanted files of a tar archive; links, devices and what leads outside are left out.

    `extractall(filter="data")` would do, but Python has it from 3.11.4 only.
    """
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        for member in members:
            content = members.extractfile(member) if member.isfile() else None
            place = PurePosixPath(member.name)
            is_inside = not place.is_absolute() and ".." not in place.parts
            if content is not None and is_inside and is_wanted(member.name):
                target = folder / place
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())
