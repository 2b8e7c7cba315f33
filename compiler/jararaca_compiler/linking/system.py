"""The services that are linked: of the project's sources, and of its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jararaca_shared.settings import PYPROJECT

from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.documents.source import Span
from jararaca_compiler.linking.cache.reading import Reading
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.neighbours.reading import Neighbour
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.pipeline.compilation import Contract, Progress, contract_of, options_of
from jararaca_compiler.project.config import Config
from jararaca_compiler.project.shared_documents import NOTHING_SHARED
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.reading.remote import Remote

Text = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """Who takes part, and which neighbours do not."""

    participants: tuple[Participant, ...]
    left_out: tuple[Finding, ...]


def own_reading(
    config: Config, root: Path, progress: Progress = lambda _: None, remote: Remote | None = None
) -> Reading:
    """How the project's own documents are read."""

    def documents() -> Documents:
        return Documents(root, remote, config.output, config.root)

    def compiled(read: Documents) -> Contract:
        return contract_of(read, config, progress)

    scope = repr((options_of(config), config.output, config.root))
    is_together = config.shared != NOTHING_SHARED
    return Reading(scope, documents, config.sources, compiled, is_together=is_together)


def system_of(contract: Contract, neighbours: Iterable[Neighbour]) -> System:
    """The services of a sound contract and of the neighbours."""
    return with_neighbours(own_participants(contract), neighbours)


def with_neighbours(own: Iterable[Participant], neighbours: Iterable[Neighbour]) -> System:
    """The project's own services, and those of the neighbours.

    A neighbour's document of a service that is the project's own is an earlier version of it, and
    is not linked; of two neighbours with a service of one name, the first counts.
    """
    found = {each.name: each for each in own}
    left_out: list[Finding] = []
    for neighbour in neighbours:
        if neighbour.reason:
            left_out.append(_left_out(neighbour.source.text, neighbour.reason))
        for participant in neighbour.participants:
            known = found.setdefault(participant.name, participant)
            if known.is_neighbour and known is not participant:
                reason = f"`{participant.name}` has come from another neighbour already"
                left_out.append(_left_out(neighbour.source.text, reason))
    return System(tuple(found.values()), tuple(left_out))


def own_participants(contract: Contract) -> tuple[Participant, ...]:
    """The services of a sound contract."""
    own = _contract_version(contract)
    return tuple(Participant(service, own) for service in contract.services)


def _contract_version(contract: Contract) -> ContractVersion:
    return ContractVersion(contract.services, contract.resolver.lookup, contract.documents.locate)


def _left_out(source: str, reason: str) -> Finding:
    return Finding(
        "neighbour-left-out", source, Span(PYPROJECT), {"source": source, "reason": reason}
    )


def text_of(own: Text, neighbours: Sequence[Neighbour], path: str) -> str | None:
    """The text of a file as a finding names it: `label:path` for what was fetched.

    `own` gives that of the project's files.
    """
    if path == PYPROJECT:
        return None
    for neighbour in neighbours:
        label = f"{neighbour.source.label}:"
        inner = path.removeprefix(label) if label != ":" else path
        if any(inner in each.service.source.split(", ") for each in neighbour.participants):
            return neighbour.text(inner)
    return own(path)
