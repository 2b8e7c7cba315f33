"""Neighbours' documents -> participants; one that cannot be read is reported and left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.linking.neighbours import git, installed
from jararaca_compiler.linking.neighbours.source import NeighbourError, Source
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.lower import Options, lower
from jararaca_compiler.lower.draft import Perspective
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.reading.remote import Remote
from jararaca_compiler.references.resolver import Resolver

_NETWORK = ("https://", "http://")


@dataclass(frozen=True, slots=True, eq=False)
class Neighbour:
    """What a source holds; `reason` says why it holds nothing. `text` gives a file's text."""

    source: Source
    participants: tuple[Participant, ...] = ()
    text: Callable[[str], str | None] = lambda _: None
    reason: str = ""


class Neighbours:
    """Reads neighbours, and keeps what was fetched until it is closed."""

    def __init__(self, root: Path, exchange: str, remote: Remote) -> None:
        self._root = root
        self._exchange = exchange
        self._remote = remote
        self._kept = ExitStack()

    def __enter__(self) -> Neighbours:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def read(self, sources: Iterable[Source]) -> Sequence[Neighbour]:
        """Each source's services."""
        return [self._neighbour(source) for source in sources]

    def _neighbour(self, source: Source) -> Neighbour:
        try:
            documents = self._documents(source)
        except NeighbourError as error:
            return Neighbour(source, reason=str(error))
        return self._lowered(source, documents)

    def _documents(self, source: Source) -> Documents:
        if source.text.startswith(git.PREFIX):
            place = git.git_source(source.text)
            folder = Path(self._kept.enter_context(TemporaryDirectory(prefix="jararaca-link-")))
            git.fetch(place, folder.resolve())
            return self._found(folder.resolve(), place.path or ".")
        if source.text.startswith(installed.PREFIX):
            return self._found(installed.package_folder(source.text), ".")
        if source.text.startswith(_NETWORK):
            documents = Documents(self._root, self._remote)
            path, reason = documents.target("", source.text)
            if reason is not None:
                raise NeighbourError(documents.reason(path) or reason)
            documents.hold_root(path)
            return documents
        return self._found(self._root, source.text)

    def _found(self, root: Path, path: str) -> Documents:
        if not (root / path).exists():
            raise NeighbourError(f"there is no {path}")
        documents = Documents(root, self._remote)
        documents.add(path)
        return documents

    def _lowered(self, source: Source, documents: Documents) -> Neighbour:
        resolver = Resolver(documents)
        exchange = source.exchange or self._exchange
        services, found = lower(
            documents, Options(exchange, cast(Perspective, source.perspective)), resolver
        )
        errors = tuple(each for each in found if each.severity == "error")
        if errors:
            return Neighbour(source, text=documents.text, reason=_error_line(errors[0]))
        if not services:
            return Neighbour(source, reason="it holds no document with messages")
        contract = ContractVersion(services, resolver.lookup, documents.locate, source.label)
        participants = tuple(Participant(each, contract, source.text) for each in services)
        return Neighbour(source, participants, documents.text)


def _error_line(error: Diagnostic) -> str:
    span = error.span
    return f"it does not compile: {span.path}:{span.line}:{span.column}: {error.message}"
