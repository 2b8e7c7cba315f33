"""A registry in a folder: read, checked, and written so that nothing is ever half there."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path

from jararaca_compiler.linking.registry.record import (
    Record,
    RegistryError,
    contract_path,
    environment_path,
    record_of,
    record_path,
    record_text,
)


def digest(document: str) -> str:
    """The SHA-256 of a document, in hexadecimal."""
    return hashlib.sha256(document.encode()).hexdigest()


Obtain = Callable[[Collection[str]], None]


class RegistryFolder:
    """The files below `root`; a contract is written before the record that names it.

    `obtain` puts contracts there that are somewhere else: only those that are asked for.
    """

    def __init__(self, root: Path, obtain: Obtain = lambda _: None) -> None:
        self.root = root
        self._obtain = obtain

    def publish(self, environment: str | None, record: Record, document: str) -> bool:
        """Write a version, and that it is in the environment; whether anything was new.

        Raises RegistryError where the version has another document already.
        """
        known = self._contract(record.contract)
        if known is not None and digest(known) != record.sha256:
            raise RegistryError(
                f"{record.service} {record.version} is published with another contract: "
                "raise `info.version` of its document"
            )
        if known is None:
            self._write(record.contract, document)
        if environment is None:
            return known is None
        before = self.record(environment, record.service)
        if before is not None and before.sha256 == record.sha256:
            return known is None
        self._write(record_path(environment, record.service), record_text(record))
        return True

    def remove(self, environment: str, service: str) -> bool:
        """A service is not in an environment any more; whether it was. Raises RegistryError."""
        self._known(environment)
        place = self._place(record_path(environment, service))
        there = place.is_file()
        place.unlink(missing_ok=True)
        return there

    def contract(self, service: str, version: str) -> str | None:
        """The document of a version; None where it is not published."""
        return self._contract(contract_path(service, version))

    def record(self, environment: str, service: str) -> Record | None:
        """What is said of one service. Raises RegistryError."""
        path = record_path(environment, service)
        text = self._read(path)
        return None if text is None else record_of(text, path)

    def records(self, environment: str) -> list[Record]:
        """What is in an environment, by service; each with its contract. Raises RegistryError.

        An environment that nobody knows is an error where others are known: it may be a typo.
        """
        self._known(environment)
        found = [record_of(self._read(path) or "", path) for path in self._paths(environment)]
        self._obtain([record.contract for record in found])
        for record in found:
            self._check(record)
        return sorted(found, key=lambda each: each.service)

    def has(self, service: str, version: str) -> bool:
        """Whether a version is published."""
        return self.contract(service, version) is not None

    def environments(self) -> list[str]:
        """The names of all environments."""
        folder = self.root / "environments"
        return sorted(path.name for path in folder.glob("*") if path.is_dir())

    def _known(self, environment: str) -> None:
        known = self.environments()
        if known and environment not in known:
            raise RegistryError(
                f"there is no environment {environment!r}; there are {', '.join(known)}. "
                "`jararaca contracts publish --environment` begins one"
            )

    def _contract(self, path: str) -> str | None:
        self._obtain([path])
        return self._read(path)

    def _check(self, record: Record) -> None:
        document = self._read(record.contract)
        if document is None or digest(document) != record.sha256:
            state = "is missing" if document is None else "is not the one that was published"
            raise RegistryError(
                f"{record.service} {record.version}: {record.contract} {state}. Publish that "
                "version again, or take the service out of the environment"
            )

    def _paths(self, environment: str) -> Iterator[str]:
        folder = self.root / environment_path(environment)
        for path in sorted(folder.glob("*.json")):
            yield path.relative_to(self.root).as_posix()

    def _place(self, path: str) -> Path:
        """Where a file is. Raises RegistryError for a link that leads out: git brings such."""
        place = self.root / path
        if not place.resolve().is_relative_to(self.root.resolve()):
            raise RegistryError(f"{path}: a link in it leads out of the registry")
        return place

    def _read(self, path: str) -> str | None:
        with suppress(FileNotFoundError, NotADirectoryError):
            return self._place(path).read_text(encoding="utf-8")
        return None

    def _write(self, path: str, text: str) -> None:
        """Either the whole file is there, or what was there before."""
        target = self._place(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                Path(name).chmod(0o644)
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise RegistryError(f"{target} cannot be written: {error.strerror}") from error
