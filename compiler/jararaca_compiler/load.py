"""Paths -> Documents: the only reader. Files that a `$ref` names are read when it is followed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from jararaca_compiler.diagnostics import Diagnostic, diagnose, ordered
from jararaca_compiler.jsontext import JsonText
from jararaca_compiler.source import Document, Span
from jararaca_compiler.yaml12 import YamlText

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")
SUFFIXES = (".yaml", ".yml", ".json")


class Documents:
    """The files of one compilation, by path: those given, and those that references reached."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._allowed = [self.root]
        self._documents: dict[str, Document | None] = {}
        self._diagnostics: list[Diagnostic] = []
        self._roots: dict[str, bool] = {}

    @property
    def roots(self) -> tuple[Document, ...]:
        """The documents that were asked for, sorted by path; the well-formed ones."""
        found = (self._documents.get(path) for path in sorted(self._roots))
        return tuple(document for document in found if document is not None)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What is wrong with the files as far as they have been read."""
        return ordered(self._diagnostics)

    def __iter__(self) -> Iterator[Document]:
        return iter(self.roots)

    def __len__(self) -> int:
        return len(self.roots)

    def named(self, path: str) -> bool:
        """Whether a person named this very file (and not a folder that it is in)."""
        return self._roots.get(path, False)

    def get(self, path: str) -> Document | None:
        """The document at `path` (as in `Document.path`), read if need be; None if it is none."""
        if path not in self._documents:
            self._documents[path] = self._read(path)
        return self._documents[path]

    def target(self, base: str, file: str) -> tuple[str, str | None]:
        """Where a reference's file part leads from `base`: a path, and what forbids it, if any."""
        if not file:
            return base, None
        if _REMOTE.match(file):
            return file, "remote-ref"
        place = (self.root / base).parent / unquote(file)
        try:
            real = place.resolve()
            exists = real.is_file()
        except (OSError, ValueError, RuntimeError):
            return file, "missing-file"
        if not any(real.is_relative_to(allowed) for allowed in self._allowed):
            return file, "ref-outside-root"
        path = self.path_of(real)
        return path, None if exists else "missing-file"

    def path_of(self, place: Path) -> str:
        """`place` as a person would type it: relative to the project where it can be."""
        if place.is_relative_to(self.root):
            return place.relative_to(self.root).as_posix()
        return place.as_posix()

    def add(self, source: Path | str) -> None:
        """Take a file, or all documents below a folder, as roots."""
        place = (self.root / source).resolve()
        if place.is_dir():
            self._allow(place)
            files = (p for p in place.rglob("*") if p.suffix in SUFFIXES and p.is_file())
            for file in sorted(files):
                relative = file.relative_to(place)
                if not any(part.startswith(".") for part in relative.parts):
                    self._add(file.resolve(), False)
        else:
            self._allow(place.parent)
            self._add(place, True)

    def _allow(self, folder: Path) -> None:
        if not folder.is_relative_to(self.root):
            self._allowed.append(folder)

    def _add(self, place: Path, named: bool) -> None:
        path = self.path_of(place)
        self._roots[path] = named or self._roots.get(path, False)
        self.get(path)

    def _read(self, path: str) -> Document | None:
        try:
            data = (self.root / path).read_bytes()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self._diagnostics.append(
                diagnose("unreadable-file", Span(path), path=path, reason=reason)
            )
            return None
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self._diagnostics.append(_not_utf8(path, data, error.start))
            return None
        if path.endswith(".proto"):
            return Document(path, text, text, lambda _pointer, _key: Span(path))
        is_json = path.endswith((".json", ".avsc"))
        parsed = (JsonText if is_json else YamlText)(path, text)
        self._diagnostics += parsed.diagnostics
        if parsed.diagnostics:
            return None
        return Document(path, text, parsed.root, parsed.locate)


def load(paths: Sequence[Path | str], root: Path) -> tuple[Documents, tuple[Diagnostic, ...]]:
    """The documents at `paths`: files, or folders that are searched for YAML and JSON."""
    documents = Documents(root)
    for path in paths:
        documents.add(path)
    return documents, documents.diagnostics


def _not_utf8(path: str, data: bytes, at: int) -> Diagnostic:
    line = data.count(b"\n", 0, at) + 1
    begin = data.rfind(b"\n", 0, at) + 1
    column = len(data[begin:at].decode("utf-8", "replace")) + 1
    span = Span(path, line, column, line, column + 1)
    return diagnose("invalid-encoding", span, byte=f"0x{data[at]:02X}")
