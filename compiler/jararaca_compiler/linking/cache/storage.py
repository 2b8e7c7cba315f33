"""The cache's files: entries by key, signed by this account, written whole or not at all."""

from __future__ import annotations

import marshal
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from jararaca_compiler.incremental.signature import is_own, sign
from jararaca_compiler.incremental.tool import tool_digest

FOLDER = ".jararaca"
_FEW = 1_000
"""So many entries that nobody asked for are kept in any case: another run may ask for them."""


class CacheFile:
    """Entries of one kind, of values that `marshal` knows; whatever is wrong with it, it is empty.

    Whoever runs at the same time writes the whole file too: the last one's stays.
    """

    def __init__(self, root: Path, name: str) -> None:
        self._root = root
        self._place = root / FOLDER / f"link.{name}"
        self._entries: dict[str, Any] | None = None
        self._used: set[str] = set()
        self._is_changed = False

    def get(self, key: str) -> Any:
        """The entry; None where there is none."""
        self._used.add(key)
        return self._read().get(key)

    def put(self, key: str, value: Any) -> None:
        """Remember an entry."""
        self._read()[key] = value
        self._used.add(key)
        self._is_changed = True

    def keep(self, key: str) -> None:
        """An entry is of use, although nobody has asked for it."""
        self._used.add(key)

    def save(self) -> None:
        """Write what has changed; where that is not possible, the next run finds it out again."""
        if not self._is_changed:
            return
        entries = self._read()
        if len(entries) > 2 * len(self._used) + _FEW:
            entries = {key: value for key, value in entries.items() if key in self._used}
        with suppress(OSError, ValueError):
            data = marshal.dumps(entries)
            signature = sign(self._signed(data), self._root)
            if signature is not None:
                _replace(self._place, f"{signature}\n".encode() + data)
                _replace(self._place.with_name(".gitignore"), b"*\n")
        self._is_changed = False

    def _read(self) -> dict[str, Any]:
        if self._entries is None:
            self._entries = {}
            with suppress(OSError, ValueError, EOFError, TypeError):
                self._entries = self._own()
        return self._entries

    def _own(self) -> dict[str, Any]:
        """What this account has written. Raises OSError, ValueError and others for what else is
        there."""
        signature, _, data = self._place.read_bytes().partition(b"\n")
        if not is_own(self._signed(data), signature.decode("ascii"), self._root):
            return {}
        found = marshal.loads(data)
        return found if isinstance(found, dict) else {}

    def _signed(self, data: bytes) -> bytes:
        """Another file's entries, or another compiler's, are none of this one's."""
        return f"{self._place.name} {tool_digest()} ".encode() + data


def _replace(place: Path, data: bytes) -> None:
    """A reader sees the old file or the new one; a link for the folder is not followed."""
    if place.parent.is_symlink():
        return
    place.parent.mkdir(exist_ok=True)
    new = place.with_name(f"{place.name}-{secrets.token_hex(8)}")
    try:
        with new.open("xb") as file:
            file.write(data)
        new.replace(place)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
