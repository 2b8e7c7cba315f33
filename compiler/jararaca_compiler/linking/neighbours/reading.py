"""Neighbours' documents -> participants; one that cannot be read is reported and left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.linking.cache.contracts import ContractCache
from jararaca_compiler.linking.cache.reading import Reading, read_uncached
from jararaca_compiler.linking.neighbours import git
from jararaca_compiler.linking.neighbours.source import NeighbourError, Source
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.lower import Options, lower
from jararaca_compiler.lower.draft import Perspective
from jararaca_compiler.pipeline.compilation import Contract
from jararaca_compiler.project.config import PACKAGE_PREFIX
from jararaca_compiler.reading.installed import PackageError, package_folder
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.reading.remote import Remote
from jararaca_compiler.references.resolver import Resolver

_NETWORK = ("https://", "http://")
_CHANGED = "changed-ref"


@dataclass(frozen=True, slots=True, eq=False)
class Neighbour:
    """What a source holds; `reason` says why it holds nothing. `text` gives a file's text."""

    source: Source
    participants: tuple[Participant, ...] = ()
    text: Callable[[str], str | None] = lambda _: None
    reason: str = ""


class Neighbours:
    """Reads neighbours, and keeps what was fetched until it is closed.

    `cache` has those that were compiled before.
    """

    def __init__(
        self, root: Path, exchange: str, remote: Remote, cache: ContractCache | None = None
    ) -> None:
        self._root = root
        self._exchange = exchange
        self._remote = remote
        self._read = read_uncached if cache is None else cache.read
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
            if source.text.startswith(_NETWORK):
                documents = self._from_network(source.text)
                found = read_uncached(self._reading(source, lambda: documents, ()))
            else:
                root, path = self._place(source)
                if not (root / path).exists():
                    raise NeighbourError(f"there is no {path}")
                found = self._read(self._reading(source, self._documents_in(root), (path,)))
                documents = Documents(root, self._remote)
        except (NeighbourError, PackageError) as error:
            return Neighbour(source, reason=str(error))
        if found.broken is not None:
            errors = (each for each in found.broken.diagnostics if each.severity == "error")
            return Neighbour(source, text=documents.text, reason=_error_line(next(errors)))
        if not found.participants:
            return Neighbour(source, reason="it holds no document with messages")
        return Neighbour(source, found.participants, documents.text)

    def _place(self, source: Source) -> tuple[Path, str]:
        """The folder that a neighbour's documents lie in, and their path there."""
        if source.text.startswith(git.PREFIX):
            place = git.git_source(source.text)
            folder = Path(self._kept.enter_context(TemporaryDirectory(prefix="jararaca-link-")))
            git.fetch(place, folder.resolve())
            return folder.resolve(), place.path or "."
        if source.text.startswith(PACKAGE_PREFIX):
            return package_folder(source.text), "."
        return self._root, source.text

    def _from_network(self, url: str) -> Documents:
        documents = Documents(self._root, self._remote)
        path, reason = documents.target("", url)
        if reason is not None:
            accept = " (`jararaca link --update-lock` accepts it)" if reason == _CHANGED else ""
            raise NeighbourError((documents.reason(path) or reason) + accept)
        documents.hold_root(path)
        return documents

    def _documents_in(self, root: Path) -> Callable[[], Documents]:
        return lambda: Documents(root, self._remote)

    def _reading(
        self, source: Source, documents: Callable[[], Documents], paths: Sequence[str]
    ) -> Reading:
        exchange = source.exchange or self._exchange
        options = Options(exchange, cast(Perspective, source.perspective))

        def lowered(read: Documents) -> Contract:
            resolver = Resolver(read)
            services, found = lower(read, options, resolver)
            return Contract(services, read, resolver, found)

        scope = repr((source, exchange))
        return Reading(scope, documents, paths, lowered, source.label, source.text)


def _error_line(error: Diagnostic) -> str:
    span = error.span
    return f"it does not compile: {span.path}:{span.line}:{span.column}: {error.message}"
