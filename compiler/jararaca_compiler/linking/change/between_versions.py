"""Two versions of the project's contracts, each among the neighbours as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jararaca_compiler.compat.change import Change
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.linking.change.broken import SystemChange
from jararaca_compiler.linking.change.told import told
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.neighbours.reading import Neighbour, Neighbours
from jararaca_compiler.linking.neighbours.source import sources_of
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.linking.settings import link_settings
from jararaca_compiler.linking.system import System, with_neighbours
from jararaca_compiler.project.config import Config
from jararaca_compiler.reading.remote import Remote


def named_breaks(
    root: Path,
    config: Config,
    settings: Mapping[str, Any],
    old: ContractVersion,
    new: ContractVersion,
) -> tuple[list[Change], tuple[Finding, ...]]:
    """Which services a change breaks and mends, and the neighbours that could not be read.

    Raises ConfigError.
    """
    remote = Remote(root)
    with Neighbours(root, config.exchange, remote) as reader:
        neighbours = reader.read(sources_of(settings))
        before, after = _system(old, neighbours), _system(new, neighbours)
        change = SystemChange(before.participants, after.participants)
        found = list(told(change, link_settings(settings)))
    remote.save()
    return found, after.left_out


def _system(version: ContractVersion, neighbours: Iterable[Neighbour]) -> System:
    return with_neighbours(_participants(version), neighbours)


def _participants(version: ContractVersion) -> Iterator[Participant]:
    return (Participant(service, version) for service in version.services)
