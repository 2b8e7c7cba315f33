"""Documents that are as they were need not be compiled again: each is remembered by itself."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from jararaca_compiler.linking.cache.files import Files
from jararaca_compiler.linking.cache.kept_service import KeptService
from jararaca_compiler.linking.cache.outline import outline_of, schemas_of
from jararaca_compiler.linking.cache.reading import Read, Reading
from jararaca_compiler.linking.cache.record import Record, record_of, stand_apart
from jararaca_compiler.linking.cache.storage import CacheFile
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.pipeline.compilation import Contract

Named = Mapping[str, bool]
"""The documents that were asked for, and whether each was named itself."""


class ContractCache:
    """Documents of earlier runs, compiled; `root` is the project's."""

    def __init__(self, root: Path) -> None:
        self._records = CacheFile(root, "contracts")
        self._schemas = CacheFile(root, "schemas")

    def save(self) -> None:
        """Remember this run. Schemas come first, since records name them."""
        self._schemas.save()
        self._records.save()

    def read(self, reading: Reading) -> Read:
        """The services of all documents, by name; those that have not changed as they were."""
        documents = reading.documents()
        named: dict[str, bool] = {}
        for source in reading.sources:
            for path, is_named in documents.listed(source).items():
                named[path] = is_named or named.get(path, False)
        files, fresh = Files(documents), {}
        for path in named if not reading.is_together else ():
            record = self._fresh(reading, files, path, named)
            if record is not None:
                fresh[path] = record
        found = self._partly(reading, named, fresh) if fresh else None
        return self._wholly(reading, named) if found is None else found

    def _fresh(self, reading: Reading, files: Files, path: str, named: Named) -> Record | None:
        """What was kept of a document, if it is still the same."""
        with suppress(TypeError):
            record = Record(*self._records.get(_key(reading, path, named[path])))
            if record.is_alone and files.are_as(record):
                return record
        return None

    def _wholly(self, reading: Reading, named: Named) -> Read:
        """All documents compiled."""
        contract = reading.compiled()
        if not contract.is_sound:
            return Read((), contract)
        records = _records(reading, contract, named)
        self._remember(reading, contract, records, named)
        return Read(_participants(reading, contract, records))

    def _partly(self, reading: Reading, named: Named, fresh: Mapping[str, Record]) -> Read | None:
        """The fresh documents as they were; None where all have to be compiled together."""
        stale = named.keys() - fresh.keys()
        contract = reading.compiled(stale) if stale else None
        if contract is not None and not contract.is_sound:
            return None
        new = {} if contract is None else _records(reading, contract, stale)
        if not stand_apart([*fresh.values(), *new.values()]):
            return None
        compiled = () if contract is None else _participants(reading, contract, new)
        with suppress(pickle.UnpicklingError):
            kept = [self._kept(reading, path, fresh[path]) for path in fresh if fresh[path].outline]
            every = sorted([*compiled, *kept], key=lambda each: (each.name, each.service.source))
            if every and len({each.name for each in every}) == len(every):
                if contract is not None:
                    self._remember(reading, contract, new, named)
                return Read(tuple(every))
        return None

    def _kept(self, reading: Reading, path: str, record: Record) -> Participant:
        self._schemas.keep(record.digest)
        schemas = self._schemas

        def kept() -> bytes | None:
            found = schemas.get(record.digest)
            return found if isinstance(found, bytes) else None

        return KeptService(reading, path, record, kept).participant

    def _remember(
        self, reading: Reading, contract: Contract, records: Mapping[str, Record], named: Named
    ) -> None:
        services = {each.source: each for each in contract.services}
        for path, record in records.items():
            key = _key(reading, path, named[path])
            if self._records.get(key) == tuple(record):
                continue
            with suppress(ValueError):
                if record.is_alone and path in services:
                    schemas = schemas_of(services[path], contract.resolver.lookup)
                    self._schemas.put(record.digest, schemas)
                self._records.put(key, tuple(record))


def _records(reading: Reading, contract: Contract, paths: Iterable[str]) -> dict[str, Record]:
    services = {each.source: each for each in contract.services if each.asyncapi is not None}
    outlines = {path: outline_of(services[path]) if path in services else b"" for path in paths}
    records = {p: record_of(p, contract, reading.scope, outlines[p]) for p in outlines}
    if stand_apart(records.values()):
        return records
    return {p: each.not_alone() if each.refers else each for p, each in records.items()}


def _participants(
    reading: Reading, contract: Contract, records: Mapping[str, Record]
) -> tuple[Participant, ...]:
    digests = {path: record.digest for path, record in records.items()}
    return tuple(
        reading.participant(each, contract, digests.get(each.source, ""))
        for each in contract.services
    )


def _key(reading: Reading, path: str, is_named: bool) -> str:
    return hashlib.sha256(repr((reading.scope, path, is_named)).encode()).hexdigest()
