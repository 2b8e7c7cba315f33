"""Few links are neither proven nor refused: hard documents with themselves, and with mutations."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.linking.acceptance import Acceptance
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.lower import lower
from jararaca_compiler.reading.load import load
from jararaca_compiler.references.resolver import Resolver

from tests.compat.mutations import mutated
from tests.support.docblocks import DOCS

OWN = sorted((DOCS.parent / "tests" / "corpus" / "own").glob("*.*"))
SHOP = sorted((DOCS.parent / "schemas").glob("*.yaml"))
MUTATIONS = int(os.environ.get("JARARACA_LINKED_MUTATIONS", "1"))
"""How many mutations of each document; each is linked in both directions."""
MOST_UNKNOWN = 0.03
LARGEST = 20_000


def participants(path: Path) -> tuple[Participant, ...]:
    """The services of a document; none where it does not compile."""
    documents, unread = load([path.name], path.parent)
    resolver = Resolver(documents)
    services, found = lower(documents, None, resolver)
    if any(each.severity == "error" for each in (*unread, *found)):
        return ()
    version = ContractVersion(services, resolver.lookup, documents.locate)
    return tuple(Participant(service, version) for service in services)


def verdicts(senders: tuple[Participant, ...], receivers: tuple[Participant, ...]) -> Iterator[str]:
    """What is decided of each message that both have."""
    acceptance = Acceptance()
    for sender, receiver in zip(senders, receivers, strict=False):
        known = {message.name: message for message in receiver.service.messages}
        for message in sender.service.messages:
            if message.name in known:
                found = acceptance.verdict(message, sender, known[message.name], receiver)
                yield type(found).__name__


@pytest.mark.parametrize("path", SHOP, ids=lambda path: path.name)
def test_the_shop_is_proven_with_itself(path: Path) -> None:
    assert set(verdicts(participants(path), participants(path))) == {"Proven"}


def test_hard_documents_are_proven_with_themselves_and_decided_with_mutations(
    tmp_path: Path,
) -> None:
    chance = Random(7)
    themselves: Counter[str] = Counter()
    changed: Counter[str] = Counter()
    for path in (path for path in OWN if path.stat().st_size < LARGEST):
        before = participants(path)
        themselves.update(verdicts(before, participants(path)))
        root = next(iter(load([path.name], path.parent)[0])).root
        for number in range(MUTATIONS):
            other = tmp_path / f"{path.stem}-{number}.json"
            other.write_text(json.dumps(mutated(root, chance)), encoding="utf-8")
            after = participants(other)
            changed.update([*verdicts(before, after), *verdicts(after, before)])
    assert set(themselves) == {"Proven"}, themselves
    assert changed["Unknown"] <= MOST_UNKNOWN * changed.total(), changed
    assert changed["Refuted"] > 0
