"""`jararaca can-deploy`: whether a version fits everything that is in an environment."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jararaca_shared.printable import printable

from jararaca_compiler.commands.console.findings import print_findings
from jararaca_compiler.commands.console.statuses import DONE, FOUND
from jararaca_compiler.commands.registry.contracts import registry_of, sound_contract
from jararaca_compiler.diagnostics.report import Format
from jararaca_compiler.linking.acceptance import Acceptance
from jararaca_compiler.linking.cache.contracts import ContractCache
from jararaca_compiler.linking.cache.verdicts import KeptVerdicts
from jararaca_compiler.linking.checks.all_checks import findings
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.link import LinkedSystem
from jararaca_compiler.linking.linker import link
from jararaca_compiler.linking.neighbours.reading import Neighbours
from jararaca_compiler.linking.neighbours.source import Source
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.linking.registry.folder import RegistryFolder
from jararaca_compiler.linking.registry.record import RegistryError, contract_path
from jararaca_compiler.linking.report.accepted import accepted_count, notes_of
from jararaca_compiler.linking.report.links import summary
from jararaca_compiler.linking.settings import link_settings
from jararaca_compiler.linking.system import own_participants
from jararaca_compiler.project.config import Config, ConfigError, read_table
from jararaca_compiler.reading.remote import Remote

Text = Callable[[str], str | None]


def can_deploy(
    root: Path, config: Config, what: str, environment: str, registry: str | None, format: Format
) -> int:
    """Print yes or no, and what breaks: 0 for yes, 1 for no.

    `what` is `SERVICE@VERSION`, or `SERVICE` for the sources as they are. Raises ConfigError.
    """
    place = registry_of(root, registry)
    cache, verdicts = ContractCache(root), KeptVerdicts(root)
    try:
        with (
            place.reading() as folder,
            Neighbours(folder.root, config.exchange, Remote(root), cache) as read,
        ):
            there = [
                published(read, each.service, each.version) for each in folder.records(environment)
            ]
            candidate = _candidate(root, config, folder, read, what)
            status = _answer(root, candidate, there, environment, format, Acceptance(verdicts))
    except RegistryError as error:
        raise ConfigError(str(error)) from error
    cache.save()
    verdicts.save()
    return status


def _answer(
    root: Path,
    candidate: Version,
    there: Sequence[Version],
    environment: str,
    format: Format,
    acceptance: Acceptance,
) -> int:
    settings = link_settings(read_table(root))
    others = [each.participant for each in there if each.participant.name != candidate.name]
    after = link([candidate.participant, *others], acceptance)
    before = link((each.participant for each in there), acceptance)
    told = settings.told(of_the_change(candidate, after, before))
    print_findings(told, format, partial(_text, [candidate, *there]), "can-deploy", root)
    version = printable(f"{candidate.name} {candidate.participant.service.version}")
    out = sys.stdout if format == "text" else sys.stderr
    if any(each.severity == "error" for each in told):
        print(f"no: {version} does not fit what is in {environment}", file=out)
        return FOUND
    accepted = settings.accepted(findings(after))
    said = summary(after, notes_of(accepted)) + accepted_count(accepted)
    print(f"yes: {version} fits what is in {environment} ({said})", file=out)
    return DONE


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a service, and the texts of its documents by their paths."""

    participant: Participant
    text: Text

    @property
    def name(self) -> str:
        return self.participant.name

    @property
    def paths(self) -> set[str]:
        return set(self.participant.service.source.split(", "))


def _candidate(
    root: Path, config: Config, folder: RegistryFolder, read: Neighbours, what: str
) -> Version:
    """The version that is asked about: of the registry, else of the sources."""
    name, _, version = what.partition("@")
    if version and folder.has(name, version):
        return published(read, name, version)
    contract = sound_contract(root, config)
    known = {each.name: each for each in own_participants(contract)}
    found = known.get(name)
    if found is None:
        raise ConfigError(f"there is no service {name!r} here; there are {', '.join(known)}")
    if version and found.service.version != version:
        raise ConfigError(
            f"{name} {version} is not published, and {name} is {found.service.version} here: "
            f"`jararaca contracts publish {name}` publishes it"
        )
    return Version(found, contract.documents.text)


def published(read: Neighbours, service: str, version: str) -> Version:
    path = contract_path(service, version)
    (found,) = read.read([Source(path)])
    if found.reason or not found.participants:
        raise ConfigError(f"{path} in the registry cannot be read: {found.reason}")
    return Version(found.participants[0], found.text)


def of_the_change(
    candidate: Version, after: LinkedSystem, before: LinkedSystem
) -> Iterator[Finding]:
    """What is wrong with the candidate, and what is new beside it; old breaks of others are not."""
    known = set(findings(before))
    for finding in findings(after):
        places = {finding.span.path} | ({finding.related.path} if finding.related else set())
        if finding not in known or places & candidate.paths:
            yield finding


def _text(versions: Iterable[Version], path: str) -> str | None:
    for version in versions:
        if path in version.paths:
            return version.text(path)
    return None
