"""What a worker asks before it starts: does it fit what runs where it is about to run?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from jararaca_compiler.commands.registry.can_deploy import Version, of_the_change, published
from jararaca_compiler.commands.registry.contracts import registry_of
from jararaca_compiler.linking.linker import link
from jararaca_compiler.linking.neighbours.reading import Neighbours
from jararaca_compiler.linking.neighbours.source import Source
from jararaca_compiler.linking.registry.record import RegistryError
from jararaca_compiler.linking.settings import link_settings
from jararaca_compiler.project.config import ConfigError, read_config, read_table
from jararaca_compiler.reading.remote import Remote


def problems(documents: Sequence[str], environment: str, registry: str | None) -> list[str]:
    """What is wrong with services in an environment, a text each; a registry that cannot be read
    is wrong too. `documents` are the ones that their packages have.
    """
    try:
        return list(_problems(Path.cwd(), documents, environment, registry))
    except (ConfigError, RegistryError) as error:
        return [f"the registry cannot be read: {error}"]


def _problems(
    root: Path, documents: Sequence[str], environment: str, registry: str | None
) -> Iterator[str]:
    settings, exchange = link_settings(read_table(root)), read_config(root).exchange
    remote = Remote(root)
    with (
        registry_of(root, registry).reading() as folder,
        Neighbours(folder.root, exchange, remote) as read,
    ):
        there = [published(read, e.service, e.version) for e in folder.records(environment)]
    for document in documents:
        path = Path(document)
        (found,) = Neighbours(path.parent, exchange, remote).read([Source(path.name)])
        if found.reason:
            raise ConfigError(f"{document}: {found.reason}")
        for participant in found.participants:
            candidate = Version(participant, found.text)
            others = [e.participant for e in there if e.participant.name != candidate.name]
            after, before = link([participant, *others]), link(e.participant for e in there)
            for told in settings.told(of_the_change(candidate, after, before)):
                if told.severity == "error":
                    yield f"{told.message} [{told.code}]"
