"""What is on disk, how it differs, and the change to what it should be: the only writer."""

from __future__ import annotations

import contextlib
import difflib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path, PurePosixPath

from jararaca_shared.settings import for_service

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.documents.source import Span
from jararaca_compiler.emit.header import MARK

_UNMARKED = ("topology.json", "asyncapi.json", "examples.json")
"""JSON has no comments: these are ours where their folder's `__init__.py` is."""
_PACKAGE = "__init__.py"
_TEMPORARY = ".jararaca-new"


class WriteError(Exception):
    """Nothing was written; the text says why."""


@dataclass(frozen=True, slots=True)
class Change:
    """A file that is not as it should be; None where there is none, or should be none."""

    path: str
    before: str | None
    after: str | None

    @property
    def line(self) -> int:
        """The first line that differs, of what is there."""
        before, after = ((text or "").splitlines() for text in (self.before, self.after))
        same = 0
        for one, other in zip(before, after, strict=False):
            if one != other:
                break
            same += 1
        return max(1, min(same + 1, len(before)))

    def difference(self) -> str:
        """The unified difference, as `diff -u` prints it."""
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in difflib.unified_diff(
                (self.before or "").splitlines(keepends=True),
                (self.after or "").splitlines(keepends=True),
                self.path if self.before is not None else "/dev/null",
                self.path if self.after is not None else "/dev/null",
            )
        )


class Disk:
    """The project's files below its root; paths are relative to it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def read(self, path: str) -> str | None:
        """A file's text with its line ends as they are; None where there is none.

        Raises WriteError for what cannot be read.
        """
        try:
            return self._place(path).read_bytes().decode("utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise WriteError(f"{path} is not UTF-8") from None
        except OSError as error:
            raise WriteError(f"{path} cannot be read: {error.strerror}") from error

    def _place(self, path: str) -> Path:
        """Where a file is. Raises WriteError for a link that leads out of the project."""
        place = self.root / path
        named = Path(os.path.normpath(place))
        if named.is_relative_to(self.root) and not place.resolve().is_relative_to(self.root):
            raise WriteError(f"{path}: a link in it leads out of the project")
        return place

    def refuse_links(self, path: str) -> None:
        """Raise WriteError where a file, or a folder that it is in, is a link."""
        place = self.root
        for part in PurePosixPath(path).parts:
            place = place / part
            if place.is_symlink():
                raise WriteError(f"{path}: {place.relative_to(self.root)} is a link")

    def changes(
        self, generated: Iterable[ir.GeneratedFile], handlers: Iterable[ir.GeneratedFile]
    ) -> tuple[tuple[Change, ...], tuple[Diagnostic, ...]]:
        """What differs, sorted by path; a file in the way that is not ours is a diagnostic."""
        changes: list[Change] = []
        found: list[Diagnostic] = []
        for file in generated:
            before = self.read(file.path)
            if before == file.source:
                continue
            if before is not None and not self._is_ours(file.path, before):
                found.append(diagnose("not-generated", Span(file.path), path=file.path))
            changes.append(Change(file.path, before, file.source))
        for file in handlers:
            before = self.read(file.path)
            if before != file.source:
                changes.append(Change(file.path, before, file.source))
        return tuple(sorted(changes, key=lambda change: change.path)), tuple(found)

    def leftovers(
        self, folders: Iterable[str], kept: Iterable[ir.GeneratedFile]
    ) -> tuple[Change, ...]:
        """Files of ours in the folders that are not made any more."""
        wanted = {file.path for file in kept}
        found: list[Change] = []
        for folder in sorted(set(folders)):
            for path in self._listed(folder):
                if path not in wanted and path.endswith((".py", ".yaml", ".json")):
                    before = self.read(path)
                    if before is not None and self._is_ours(path, before):
                        found.append(Change(path, before, None))
        return tuple(found)

    def packages(self, output: str) -> Iterator[str]:
        """The folders directly below the services' outputs whose package is ours."""
        for folder in sorted(self.root.glob(f"{for_service(output, '*')}/*")):
            path = folder.relative_to(self.root).as_posix()
            with contextlib.suppress(WriteError):
                if (self.read(f"{path}/{_PACKAGE}") or "").startswith(MARK):
                    yield path

    def apply(self, changes: Iterable[Change]) -> None:
        """Make all changes or none. Raises WriteError."""
        planned = tuple(changes)
        temporary: list[Path] = []
        done: list[Change] = []
        try:
            for change in planned:
                if change.after is not None:
                    temporary.append(self._prepare(change.path, change.after))
            for change in planned:
                self._commit(change)
                done.append(change)
        except OSError as error:
            for change in reversed(done):
                self._undo(change)
            name = Path(str(error.filename or "")).name.removesuffix(_TEMPORARY)
            raise WriteError(f"{name} cannot be written: {error.strerror}") from error
        finally:
            for file in temporary:
                with contextlib.suppress(OSError):
                    file.unlink(missing_ok=True)

    def _listed(self, folder: str) -> list[str]:
        place = self._place(folder)
        return [f"{folder}/{p.name}" for p in sorted(place.iterdir())] if place.is_dir() else []

    def _is_ours(self, path: str, text: str) -> bool:
        if text.startswith(MARK):
            return True
        folder, name = PurePosixPath(path).parent, PurePosixPath(path).name
        package = self.read(f"{folder}/{_PACKAGE}") or ""
        return name in _UNMARKED and package.startswith(MARK)

    def _prepare(self, path: str, text: str) -> Path:
        place = self._place(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(place.name + _TEMPORARY)
        # What stands there may be a link: it goes, and where it leads to is left alone.
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as file:
            file.write(text.encode("utf-8"))
        if place.exists():
            temporary.chmod(place.stat().st_mode)
        return temporary

    def _commit(self, change: Change) -> None:
        place = self.root / change.path
        if change.after is not None:
            place.with_name(place.name + _TEMPORARY).replace(place)
            _drop_bytecode(place)
            return
        place.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            _without_bytecode(place.parent)
            place.parent.rmdir()

    def _undo(self, change: Change) -> None:
        place = self.root / change.path
        with contextlib.suppress(OSError):
            if change.before is None:
                place.unlink(missing_ok=True)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(change.before.encode("utf-8"))


def _drop_bytecode(module: Path) -> None:
    """Python takes it for fresh when the module was written in the same second, as long as it is.

    Where it cannot be dropped it is as good as it was.
    """
    compiled = Path(cache_from_source(str(module)))
    if module.suffix == ".py" and not compiled.parent.is_symlink():
        with contextlib.suppress(OSError):
            compiled.unlink(missing_ok=True)


def _without_bytecode(folder: Path) -> None:
    """Let a package's folder go: of its modules only compiled ones are left."""
    cache = folder / "__pycache__"
    if cache.is_symlink():
        return
    if cache.is_dir() and [path.name for path in folder.iterdir()] == ["__pycache__"]:
        for file in cache.glob("*.pyc"):
            file.unlink()
        cache.rmdir()
