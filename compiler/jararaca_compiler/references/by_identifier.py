"""Local files by the `$id` of their schemas: a URI need not be on the network.

Nothing is read before a reference leads to no file: then every YAML and JSON file of the project
is looked at, and only one that has the identifier becomes a document.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from jararaca_compiler.documents.source import Document
from jararaca_compiler.project.config import PACKAGE_COPIES
from jararaca_compiler.reading.load import MAX_BYTES, SUFFIXES, Documents, parse
from jararaca_compiler.schemas.identifiers import names_in

_MOST_FILES = 20_000
_NOT_OURS = frozenset({"node_modules", "__pycache__", "site-packages"})
_IDENTIFIES = re.compile(r"""["']?\$?id["']?\s*:""")


class IdentifiedFiles:
    """Finds the file and the pointer of a schema by its identifier."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._found: dict[str, tuple[str, str]] | None = None

    def find(self, uri: str) -> tuple[str, str] | None:
        """The path and the pointer; None where no local file has the identifier."""
        if self._found is None:
            self._found = dict(self._every())
        return self._found.get(uri)

    def _every(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """The last files first: of two with one identifier, the first is to have it."""
        for path in sorted(set(self._files()), reverse=True):
            document = _read(self._documents.root, path)
            if document is not None:
                for uri, pointer in names_in(document).resources.items():
                    yield uri, (path, pointer)

    def _files(self) -> Iterator[str]:
        count = 0
        root = self._documents.root
        for folder in {root, root / PACKAGE_COPIES, *self._documents.folders}:
            for place, folders, files in os.walk(folder):
                folders[:] = [
                    name for name in folders if not name.startswith(".") and name not in _NOT_OURS
                ]
                for name in files:
                    count += 1
                    if count > _MOST_FILES:
                        return
                    if name.endswith(SUFFIXES) and self._documents.allows(Path(place, name)):
                        yield self._documents.path_of(Path(place, name).resolve())


def _read(root: Path, path: str) -> Document | None:
    """A document that may identify a schema; one that is broken is nobody's to complain of here."""
    try:
        data = (root / path).read_bytes()
        text = data.decode("utf-8-sig") if len(data) <= MAX_BYTES else ""
    except (OSError, UnicodeDecodeError):
        return None
    if _IDENTIFIES.search(text) is None:
        return None
    parsed = parse(path, text)
    return None if parsed.diagnostics else Document(path, text, parsed.root, parsed.locate)
