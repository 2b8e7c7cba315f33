"""`neighbours` of `[tool.jararaca]`: where the documents of other teams are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jararaca_shared.settings import PYPROJECT

from jararaca_compiler.project.config import PACKAGE_PREFIX, PERSPECTIVES, ConfigError

_KEYS = frozenset({"source", "perspective", "exchange"})


class NeighbourError(Exception):
    """A neighbour cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """One entry: a file, a folder, `git+URL#REF:PATH`, an http(s) URL or `python:PACKAGE`.

    `perspective` is whose view its documents take; `exchange` is the neighbour's own, None: as
    this project's.
    """

    text: str
    perspective: str = "application"
    exchange: str | None = None

    @property
    def is_elsewhere(self) -> bool:
        """Whether it has to be fetched from another place."""
        return self.text.startswith(("git+", "http://", "https://"))

    @property
    def label(self) -> str:
        """What its files are called by, beside their path; empty for files that lie here."""
        place = self.text.partition("#")[0].rstrip("/")
        if self.text.startswith("git+"):
            return place.rpartition("/")[2].removesuffix(".git")
        is_package = self.text.startswith(PACKAGE_PREFIX)
        return self.text.removeprefix(PACKAGE_PREFIX) if is_package else ""


def sources_of(settings: Mapping[str, Any]) -> tuple[Source, ...]:
    """The neighbours that the settings name, each a text or a table. Raises ConfigError."""
    entries = settings.get("neighbours", [])
    if not isinstance(entries, list):
        raise ConfigError(f'{PYPROJECT}: write neighbours as a list: neighbours = ["../billing"]')
    return tuple(_source(entry) for entry in entries)


def _source(entry: object) -> Source:
    table = {"source": entry} if isinstance(entry, str) else entry
    if not isinstance(table, Mapping) or not isinstance(table.get("source"), str):
        raise ConfigError(
            f'{PYPROJECT}: a neighbour is a text, or a table like {{source = "../billing"}}'
        )
    unknown = sorted(table.keys() - _KEYS)
    if unknown:
        raise ConfigError(f"{PYPROJECT}: a neighbour has no `{unknown[0]}`: {_listed()}")
    perspective = table.get("perspective", "application")
    if perspective not in PERSPECTIVES:
        raise ConfigError(
            f"{PYPROJECT}: neighbours: perspective {perspective!r}: "
            f"write one of {', '.join(PERSPECTIVES)}"
        )
    exchange = table.get("exchange")
    if exchange is not None and not isinstance(exchange, str):
        raise ConfigError(f"{PYPROJECT}: neighbours: exchange must be a text")
    return Source(table["source"], perspective, exchange)


def _listed() -> str:
    return ", ".join(sorted(_KEYS))
