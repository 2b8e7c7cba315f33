"""What the last run read and wrote: a run with nothing changed does nothing, one message little."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from jararaca_shared.settings import RECORD, for_service

from jararaca_compiler.incremental.signature import is_own, sign
from jararaca_compiler.incremental.tool import tool
from jararaca_compiler.project.config import Config

if TYPE_CHECKING:
    from jararaca_compiler.incremental.snapshot import Snapshot

PARTS = ".jararaca/codegen.parts"
_SUFFIXES = (".yaml", ".yml", ".json")


class Cache:
    """The record of one run of `jararaca codegen`; whatever is wrong with it, it is not used.

    A line with its signature, then JSON.
    """

    def __init__(self, root: Path, config: Config) -> None:
        self._root = root
        self._config = config
        self._record: dict[str, Any] = {}
        self.changed: str | None = None
        """After `fresh` has said no: the one file that was read and is not as it was, if one."""

    def fresh(self) -> dict[str, Any] | None:
        """The report of the last run, if no file that it read or wrote has changed since."""
        try:
            record = self._signed_record()
            read, written = record["read"], record["written"]
            if record["state"] != self._state(written):
                return None
            changed = [path for path in (*read, *written) if self._differs(path, record["files"])]
            report: dict[str, Any] = record["report"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if len(changed) == 1 and changed[0] in read and changed[0] not in written:
            self.changed, self._record = changed[0], record
        return None if changed else report

    def snapshot(self) -> Snapshot | None:
        """What the last run left for one that finds a single message changed."""
        from jararaca_compiler.incremental.snapshot import Snapshot

        try:
            data = (self._root / PARTS).read_bytes()
            if hashlib.sha256(data).hexdigest() == self._record["parts"]:
                return Snapshot.from_bytes(data)
        except (OSError, ValueError, KeyError, TypeError, EOFError):
            pass
        return None

    def store(
        self,
        read: Iterable[str],
        written: Iterable[str],
        report: dict[str, Any],
        snapshot: Snapshot | None,
    ) -> None:
        """Remember a run; where that is not possible, the next one compiles again."""
        files, made = sorted(read), sorted(written)
        if any("://" in path for path in files):
            return
        data = b"" if snapshot is None else snapshot.to_bytes()
        try:
            digests = {path: self._digest(path) for path in (*files, *made)}
            record = {
                "read": files,
                "written": made,
                "files": digests,
                "state": self._state(made),
                "parts": hashlib.sha256(data).hexdigest(),
                "report": report,
            }
            text = json.dumps(record)
            signature = sign(text.encode(), self._root)
            if signature is None:
                return
            _put(self._root / PARTS, data)
            _put(self._root / RECORD, f"{signature}\n{text}".encode())
            _put((self._root / RECORD).with_name(".gitignore"), b"*\n")
        except OSError:
            pass

    def update(self, report: dict[str, Any], snapshot: Snapshot) -> None:
        """Remember a run that read and wrote the same files as the last one."""
        self.store(self._record["read"], self._record["written"], report, snapshot)

    @property
    def report(self) -> dict[str, Any]:
        """What the last run said."""
        found: dict[str, Any] = self._record["report"]
        return found

    def _signed_record(self) -> dict[str, Any]:
        """The record, which this account has made. Raises OSError and ValueError for others."""
        signature, _, text = (self._root / RECORD).read_text("utf-8").partition("\n")
        if not is_own(text.encode(), signature, self._root):
            raise ValueError("another's record")
        record: dict[str, Any] = json.loads(text)
        return record

    def _differs(self, path: str, digests: dict[str, str]) -> bool:
        return self._digest(path) != digests[path]

    def _digest(self, path: str) -> str:
        return hashlib.sha256((self._root / path).read_bytes()).hexdigest()

    def _state(self, written: list[str]) -> str:
        """One digest of the tool, the configuration, and what is in the folders."""
        digest = hashlib.sha256(repr((tool(), self._config)).encode())
        digest.update(repr([self._documents(source) for source in self._config.sources]).encode())
        every = self._root.glob(for_service(self._config.output, "*"))
        outputs = {str(folder.relative_to(self._root)) for folder in every}
        folders = sorted({str(PurePosixPath(path).parent) for path in written} | outputs)
        digest.update(repr([_names(self._root / folder) for folder in folders]).encode())
        return digest.hexdigest()

    def _documents(self, source: str) -> list[str]:
        place = self._root / source
        return sorted(
            f"{folder}/{name}"
            for folder, _, names in os.walk(place)
            for name in names
            if name.endswith(_SUFFIXES)
        )


def _put(place: Path, data: bytes) -> None:
    """Write a file of ours; a link that stands there, or for its folder, is not followed."""
    if place.parent.is_symlink():
        return
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    with place.open("xb") as file:
        file.write(data)


def _names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.suffix in (".py", ".json", ".yaml"))
