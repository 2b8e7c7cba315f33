"""Two systems, before a change and after it: the breaks that are new, and those that are gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jararaca_compiler.linking.acceptance import Acceptance
from jararaca_compiler.linking.checks.all_checks import findings
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.linker import link
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.linking.settings import LinkSettings

Participants = tuple[Participant, ...]


@dataclass(frozen=True, slots=True)
class SystemChange:
    """The services before and after; `changed` are the names of those that are not as before."""

    before: Participants
    after: Participants

    @property
    def changed(self) -> frozenset[str]:
        """New ones, those that are gone, and those whose documents say something else."""
        digests = [{p.name: p.service.digest for p in side} for side in (self.before, self.after)]
        return frozenset(
            name
            for name in digests[0].keys() | digests[1].keys()
            if digests[0].get(name) != digests[1].get(name)
        )


class Breaks:
    """What is wrong with systems, by the levels of the settings; it remembers what is proven."""

    def __init__(self, settings: LinkSettings) -> None:
        self._settings = settings
        self._acceptance = Acceptance()

    def of(self, participants: Iterable[Participant]) -> dict[tuple[str, str], Finding]:
        """The findings of a system that the settings do not leave out, by their keys."""
        found = findings(link(participants, self._acceptance))
        return {each.key: each for each in found if self._settings.tells(each)}

    def errors(self, participants: Iterable[Participant]) -> dict[tuple[str, str], Finding]:
        """Those of them that are errors."""
        found = self.of(participants)
        return {k: f for k, f in found.items() if self._settings.level(f.code) == "error"}
