"""What the last run read and wrote, so that a run with nothing changed does nothing."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from jararaca_compiler.config import Config

FILE = ".jararaca/codegen.json"
_SUFFIXES = (".yaml", ".yml", ".json")
_HERE = Path(__file__).parent


class Cache:
    """The record of one run of `jararaca codegen`; whatever is wrong with it, it is not used."""

    def __init__(self, root: Path, config: Config) -> None:
        self._root = root
        self._path = root / FILE
        self._config = config

    def fresh(self) -> dict[str, Any] | None:
        """What the last run said, if every file that it read and wrote is as it left it."""
        try:
            record = json.loads(self._path.read_bytes())
            if record["state"] == self._state(record["read"], record["written"]):
                said: dict[str, Any] = record["said"]
                return said
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return None

    def store(self, read: Iterable[str], written: Iterable[str], said: dict[str, Any]) -> None:
        """Remember a run; where that is not possible, the next one compiles again."""
        files, made = sorted(read), sorted(written)
        if any("://" in path for path in files):
            return
        try:
            record = {"read": files, "written": made, "state": self._state(files, made)}
            self._path.parent.mkdir(exist_ok=True)
            self._path.write_text(json.dumps(record | {"said": said}), encoding="utf-8")
        except OSError:
            pass

    def _state(self, read: list[str], written: list[str]) -> str:
        """One digest of the tool, the configuration, the folders and all files."""
        digest = hashlib.sha256(repr((_tool(), self._config)).encode())
        digest.update(repr([self._documents(source) for source in self._config.sources]).encode())
        folders = sorted(
            {str(PurePosixPath(path).parent) for path in written} | {self._config.output}
        )
        digest.update(repr([_names(self._root / folder) for folder in folders]).encode())
        for path in (*read, *written):
            digest.update(hashlib.sha256((self._root / path).read_bytes()).digest())
        return digest.hexdigest()

    def _documents(self, source: str) -> list[str]:
        place = self._root / source
        return sorted(
            f"{folder}/{name}"
            for folder, _, names in os.walk(place)
            for name in names
            if name.endswith(_SUFFIXES)
        )


def _names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.suffix in (".py", ".json", ".yaml"))


def _tool() -> list[object]:
    """What tells one compiler from another, one that is being worked on included."""
    files = [entry for folder, _, _ in os.walk(_HERE) for entry in os.scandir(folder)]
    stats = sorted(
        (entry.path, entry.stat().st_mtime_ns, entry.stat().st_size)
        for entry in files
        if entry.name.endswith((".py", ".j2"))
    )
    return [sys.version, stats]
