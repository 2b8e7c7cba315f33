"""Which documents are read, and how they become a contract."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jararaca_compiler import ir
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.pipeline.compilation import Contract
from jararaca_compiler.reading.load import Documents


@dataclass(frozen=True, slots=True)
class Reading:
    """`documents` makes an empty set of documents, `compile` a contract of one.

    `scope` tells documents that are compiled otherwise. `revision` is what the documents' files are
    called by, `neighbour` where they come from; both are empty for the project's own. With
    `is_together`, each document has a say in what the others are.
    """

    scope: str
    documents: Callable[[], Documents]
    sources: Sequence[str]
    compile: Callable[[Documents], Contract]
    revision: str = ""
    neighbour: str = ""
    is_together: bool = False

    def compiled(self, only: Collection[str] | None = None) -> Contract:
        """The contract of all the documents, or of some of them by themselves."""
        documents = self.documents()
        for source in self.sources:
            documents.add(source, only)
        return self.compile(documents)

    def participant(self, service: ir.Service, contract: Contract, digest: str = "") -> Participant:
        """A service that has been compiled; `digest` is of its documents, if that is known."""
        lookup, locate = contract.resolver.lookup, contract.documents.locate
        version = ContractVersion(contract.services, lookup, locate, self.revision)
        return Participant(service, version, self.neighbour, digest)


class Read(NamedTuple):
    """The participants of a reading; none, and the contract, where documents have errors."""

    participants: tuple[Participant, ...]
    broken: Contract | None = None


def read_uncached(reading: Reading) -> Read:
    """The services of all documents, compiled."""
    contract = reading.compiled()
    if not contract.is_sound:
        return Read((), contract)
    return Read(tuple(reading.participant(each, contract) for each in contract.services))
