"""Whether a document's files are still what its record says."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

from jararaca_compiler.linking.cache.record import Record, digest
from jararaca_compiler.reading.load import Documents

_BOM = b"\xef\xbb\xbf"


class Files:
    """The files of a project as they are now."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._digest = cache(self._read)

    def are_as(self, record: Record) -> bool:
        """Whether a document would be compiled to the same again."""
        target = self._documents.target
        return all(self._digest(path) == known for path, known in record.read) and all(
            target(base, file) == (path, None) for base, file, path in record.followed
        )

    def _read(self, path: str) -> str:
        with suppress(OSError, ValueError):
            return digest((self._documents.root / path).read_bytes().removeprefix(_BOM))
        return ""
