"""A service of an earlier run: its outline is at hand, its schemas are read when needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from jararaca_compiler import ir
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.linking.cache.outline import SchemaPart, read_outline
from jararaca_compiler.linking.cache.reading import Reading
from jararaca_compiler.linking.cache.record import Record
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.pipeline.compilation import Contract
from jararaca_compiler.references.resolver import Found


class KeptService:
    """The service of the document at `path`; `schemas` are what was kept of them, if anything.

    Raises pickle.UnpicklingError for a record whose outline is none.
    """

    def __init__(
        self, reading: Reading, path: str, record: Record, schemas: Callable[[], bytes | None]
    ) -> None:
        self._reading = reading
        self._path = path
        self._digest = record.digest
        self._schemas = schemas
        self._outline = read_outline(record.outline)

    @property
    def participant(self) -> Participant:
        """The service without its schemas."""
        version = self._version(self._outline, self._lookup)
        reading = self._reading
        return Participant(self._outline, version, reading.neighbour, self._digest, self._whole)

    def _whole(self) -> Participant:
        """The service with its schemas; where they were not kept, it is compiled again."""
        kept = self._schemas()
        if kept is None:
            service = next(s for s in self._compiled.services if s.source == self._path)
            return self._reading.participant(service, self._compiled, self._digest)
        part = SchemaPart(kept, self._lookup)
        service = part.whole(self._outline)
        version = self._version(service, part.lookup)
        return Participant(service, version, self._reading.neighbour, self._digest)

    def _version(self, service: ir.Service, lookup: Callable[[str], Found]) -> ContractVersion:
        locate = self._reading.documents().locate
        return ContractVersion((service,), lookup, locate, self._reading.revision)

    @cached_property
    def _compiled(self) -> Contract:
        return self._reading.compiled({self._path})

    def _lookup(self, ref: str) -> Found:
        """For a reference that was not kept. Raises UnresolvedRefError."""
        return self._compiled.resolver.lookup(ref)
