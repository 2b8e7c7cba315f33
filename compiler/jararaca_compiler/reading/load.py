"""Paths -> Documents: the only reader. Files that a `$ref` names are read when it is followed."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose, ordered
from jararaca_compiler.documents.source import Document, Span
from jararaca_compiler.project.config import PACKAGE_COPIES, PACKAGE_PREFIX, is_below
from jararaca_compiler.reading import metaschemas
from jararaca_compiler.reading.json_text import JsonText
from jararaca_compiler.schemas.identifiers import join

if TYPE_CHECKING:
    from jararaca_compiler.reading.remote import Remote
    from jararaca_compiler.reading.yaml12 import YamlText

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")
SUFFIXES = (".yaml", ".yml", ".json")
MAX_BYTES = 20_000_000
"""A larger file is a mistake: a thousand messages make about one million bytes."""


class Documents:
    """The files of one compilation, by path: those given, and those that references reached."""

    def __init__(
        self,
        root: Path,
        remote: Remote | None = None,
        output: str | None = None,
        above: str | None = None,
    ) -> None:
        self.root = root.resolve()
        self._output = output
        self._remote = remote
        self._allowed = [self.root] if above is None else [self.root, (self.root / above).resolve()]
        self._documents: dict[str, Document | None] = {}
        self._diagnostics: list[Diagnostic] = []
        self._roots: dict[str, bool] = {}
        self._reasons: dict[str, str] = {}
        self._targets: dict[str, dict[str, tuple[str, str | None]]] = {}

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

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file that was read, references included, sorted; our own meta-schemas aside."""
        found = (path for path, document in self._documents.items() if document is not None)
        return tuple(sorted(path for path in found if metaschemas.file_of(path) is None))

    def named(self, path: str) -> bool:
        """Whether a person named this very file (and not a folder that it is in)."""
        return self._roots.get(path, False)

    def get(self, path: str) -> Document | None:
        """The document at `path` (as in `Document.path`), read if needed; None if there is none."""
        if path not in self._documents:
            self._documents[path] = self._read(path)
        return self._documents[path]

    def locate(self, path: str, pointer: str) -> Span:
        """Where the key at a JSON pointer of the document at `path` stands."""
        document = self.get(path)
        return Span(path) if document is None else document.span(pointer, key=True)

    def text(self, path: str) -> str | None:
        """The text of the document at `path`, for whoever shows its lines; None if it is none."""
        document = self.get(path)
        return None if document is None else document.text

    def target(self, base: str, file: str) -> tuple[str, str | None]:
        """Where a reference's file part leads from `base`: a path, and what forbids it, if any."""
        if not file:
            return base, None
        known = self._targets.setdefault(base, {})
        if file not in known:
            known[file] = self._target(base, file)
        return known[file]

    def followed(self, base: str) -> Mapping[str, tuple[str, str | None]]:
        """What `target` has said so far of the files that the document at `base` refers to."""
        return self._targets.get(base, {})

    def _target(self, base: str, file: str) -> tuple[str, str | None]:
        file = _local(file)
        if (_REMOTE.match(file) and not file.startswith(PACKAGE_PREFIX)) or _REMOTE.match(base):
            return self._on_network(base, file)
        place = self._of_package(file) or (self.root / base).parent / unquote(file)
        try:
            real = place.resolve()
            exists = real.is_file()
        except (OSError, ValueError, RuntimeError):
            return file, "missing-file"
        if not self._is_allowed(real):
            return file, "ref-outside-root"
        path = self.path_of(real)
        return path, None if exists else "missing-file"

    def _of_package(self, file: str) -> Path | None:
        """The copy of a document of an installed package, like `python:acme_schemas/order.yaml`."""
        if not file.startswith(PACKAGE_PREFIX):
            return None
        return self.root / PACKAGE_COPIES / unquote(file.removeprefix(PACKAGE_PREFIX))

    def reason(self, path: str) -> str:
        """Why a document on the network is not to be had."""
        return self._reasons.get(path, "")

    def _on_network(self, base: str, file: str) -> tuple[str, str | None]:
        """A document on the network never leads to a file of ours."""
        referrer = base if _REMOTE.match(base) else None
        url = file if referrer is None else join(base, file)
        known = metaschemas.file_of(url)
        if known is not None:
            if url not in self._documents:
                self._documents[url] = _metaschema(url, known)
            return url, None
        if self._remote is None:
            return url, "remote-ref"
        from jararaca_compiler.reading.remote import RemoteError

        try:
            data = self._remote.fetch(url, referrer)
        except RemoteError as error:
            self._reasons[url] = str(error)
            return url, error.code
        if url not in self._documents:
            self._documents[url] = self._parse(url, data)
        return url, None

    def path_of(self, place: Path) -> str:
        """`place` as a person would type it: relative to the project, on each machine the same.

        What shares no folder with the project is somewhere else on each machine.
        """
        common = Path(os.path.commonpath((place, self.root)))
        if common == Path(common.anchor):
            return place.as_posix()
        return Path(os.path.relpath(place, self.root)).as_posix()

    def add(self, source: Path | str, only: Container[str] | None = None) -> None:
        """Take a file, or all documents below a folder, as roots; `only` those of some paths."""
        for path, is_named in self.listed(source).items():
            if only is None or path in only:
                self._roots[path] = is_named or self._roots.get(path, False)
                self.get(path)

    def listed(self, source: Path | str) -> Mapping[str, bool]:
        """The paths that `add` takes, and whether a person named the very file; none is read."""
        place = (self.root / source).resolve()
        if not place.is_dir():
            self._allow(place.parent)
            return {self.path_of(place): True}
        self._allow(place)
        files = (p for p in place.rglob("*") if p.suffix in SUFFIXES and p.is_file())
        shown = (file for file in sorted(files) if not _is_hidden(file, place))
        real = (file.resolve() for file in shown if not self._is_made(file))
        return {self.path_of(file): False for file in real if self._is_allowed(file)}

    def hold(self, document: Document, *, is_root: bool) -> None:
        """Take a document that has been read already."""
        self._documents[document.path] = document
        if is_root:
            self._roots[document.path] = True

    def hold_root(self, path: str) -> None:
        """Take a document that `target` has led to as one that was asked for."""
        self._roots[path] = True

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where the documents that were asked for stand."""
        return tuple(sorted({(self.root / path).parent for path in self._roots}))

    def allows(self, place: Path) -> bool:
        """Whether a file may be read; what was compiled is no source."""
        real = place.resolve()
        return self._is_allowed(real) and not self._is_made(real)

    def _is_made(self, place: Path) -> bool:
        return self._output is not None and is_below(place, self.root, self._output)

    def _is_allowed(self, place: Path) -> bool:
        return any(place.is_relative_to(allowed) for allowed in self._allowed)

    def _allow(self, folder: Path) -> None:
        if not folder.is_relative_to(self.root):
            self._allowed.append(folder)

    def _read(self, path: str) -> Document | None:
        if "#" in path:
            self._unreadable(path, "a file's name ends at a `#` in references: rename it")
            return None
        try:
            with (self.root / path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            self._unreadable(path, reason)
            return None
        if len(data) > MAX_BYTES:
            self._unreadable(path, f"it is larger than {MAX_BYTES:,} bytes")
            return None
        return self._parse(path, data)

    def _unreadable(self, path: str, reason: str) -> None:
        self._diagnostics.append(diagnose("unreadable-file", Span(path), path=path, reason=reason))

    def _parse(self, path: str, data: bytes) -> Document | None:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self._diagnostics.append(_not_utf8(path, data, error.start))
            return None
        if path.endswith(".proto"):
            return Document(path, text, text, lambda _pointer, _key: Span(path))
        parsed = parse(path, text)
        self._diagnostics += parsed.diagnostics
        if parsed.diagnostics:
            return None
        return Document(path, text, parsed.root, parsed.locate, parsed.aliased)


def load(
    paths: Sequence[Path | str],
    root: Path,
    remote: Remote | None = None,
    output: str | None = None,
    above: str | None = None,
) -> tuple[Documents, tuple[Diagnostic, ...]]:
    """The documents at `paths`: files, or folders that are searched for YAML and JSON.

    References to the network are followed through `remote`, and are diagnostics without one.
    What stands below `output` is compiled, not a source. References may lead into `above`, too.
    """
    documents = Documents(root, remote, output, above)
    for path in paths:
        documents.add(path)
    return documents, documents.diagnostics


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _local(file: str) -> str:
    """A `file:` URL as the path that it is; anything else stays."""
    if file[:5].lower() != "file:":
        return file
    path = file[5:]
    return re.sub("^//((localhost)?(?=/)|(?=[.]{1,2}/))", "", path)


def _metaschema(url: str, file: Path) -> Document:
    text = file.read_text(encoding="utf-8")
    parsed = JsonText(url, text)
    return Document(url, text, parsed.root, parsed.locate)


def parse(path: str, text: str) -> JsonText | YamlText:
    """The text of a document, read by what its path says that it is."""
    if path.endswith((".json", ".avsc")):
        return JsonText(path, text)
    from jararaca_compiler.reading.yaml12 import YamlText  # Importing PyYAML takes 20 ms.

    return YamlText(path, text)


def _not_utf8(path: str, data: bytes, at: int) -> Diagnostic:
    line = data.count(b"\n", 0, at) + 1
    begin = data.rfind(b"\n", 0, at) + 1
    column = len(data[begin:at].decode("utf-8", "replace")) + 1
    span = Span(path, line, column, line, column + 1)
    return diagnose("invalid-encoding", span, byte=f"0x{data[at]:02X}")
