"""`[tool.jararaca.shared]` as a value: which messages are classes of a package of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

_EXAMPLE = 'team_events = ["schemas/events.asyncapi.yaml"]'


class SharedDocumentsError(Exception):
    """The table cannot be used; the text says why and what to write."""


@dataclass(frozen=True, slots=True)
class SharedDocuments:
    """By package, what its messages and schemas stand in: documents (`path`), or parts of some.

    A part is `path#/json/pointer`, and holds all that stands below it.
    """

    packages: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def package_of(self, places: Iterable[str]) -> str | None:
        """The package of the first of the places (`path#pointer`) that is listed."""
        for place in places if self.packages else ():
            for package, listed in self.packages:
                if any(_holds(each, place) for each in listed):
                    return package
        return None

    def is_whole(self, path: str) -> bool:
        """Whether all of a document is listed."""
        return any(path in listed for _, listed in self.packages)


NOTHING_SHARED = SharedDocuments()


def _holds(listed: str, place: str) -> bool:
    if "#" not in listed:
        return place.partition("#")[0] == listed
    return place == listed or place.startswith(f"{listed}/")


def shared_documents(table: Any) -> SharedDocuments:
    """The table as it is written in pyproject.toml. Raises SharedDocumentsError."""
    if not isinstance(table, Mapping):
        raise SharedDocumentsError(
            f"shared in [tool.jararaca] must be a table of packages: {_EXAMPLE}"
        )
    packages: dict[str, tuple[str, ...]] = {}
    for package, listed in table.items():
        if not package.isidentifier():
            raise SharedDocumentsError(
                f"shared: a package cannot be called {package!r}: {_EXAMPLE}"
            )
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise SharedDocumentsError(f"shared: write the documents as a list: {_EXAMPLE}")
        packages[package] = tuple(_normal(each) for each in listed)
    return SharedDocuments(tuple(packages.items()))


def _normal(listed: str) -> str:
    path, mark, pointer = listed.partition("#")
    return f"{PurePosixPath(path).as_posix()}{mark}{pointer.rstrip('/')}".removesuffix("#")
