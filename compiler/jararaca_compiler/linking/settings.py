"""`[tool.jararaca.link]`: the level of each rule, and the breaks that a team has agreed to."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jararaca_shared.settings import PYPROJECT

from jararaca_compiler.diagnostics.diagnostic import Diagnostic, ordered
from jararaca_compiler.diagnostics.levels import Level, level_table, read_levels
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.checks.rule_table import LINK_RULES
from jararaca_compiler.project.config import ConfigError

_WHERE = f"{PYPROJECT}: [tool.jararaca.link]"
UNUSED = "exception-unused"


@dataclass(frozen=True, slots=True)
class AgreedBreak:
    """A break that is accepted up to and including the day `until`; None: for good.

    `link` is a finding's subject, with `*` for any part of it; `why` is for people.
    """

    link: str
    until: datetime.date | None = None
    why: str = ""

    def matches(self, subject: str) -> bool:
        """Whether it is about what a finding is called, on whatever day."""
        parts = (re.escape(part) for part in self.link.split("*"))
        return re.fullmatch(".*".join(parts), subject) is not None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding, the level that it would have, and the exception that accepts it."""

    finding: Finding
    level: Level
    by: AgreedBreak


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """The levels that differ from the rules' own, and the exceptions."""

    levels: Mapping[str, Level] = field(default_factory=dict)
    exceptions: Sequence[AgreedBreak] = ()

    def level(self, code: str) -> Level:
        """The level of a rule."""
        return self.levels.get(code, LINK_RULES[code].level)

    def told(
        self, findings: Iterable[Finding], today: datetime.date | None = None
    ) -> tuple[Diagnostic, ...]:
        """What to report: neither what is switched off nor what the team has agreed to."""
        day = datetime.date.today() if today is None else today
        return ordered(
            each.diagnostic(self.level(each.code))
            for each in findings
            if self.is_on(each) and self._agreed(each, day) is None
        )

    def accepted(
        self, findings: Iterable[Finding], today: datetime.date | None = None
    ) -> tuple[Accepted, ...]:
        """What would be told if the team had not agreed to it."""
        day = datetime.date.today() if today is None else today
        return tuple(
            Accepted(each, self.level(each.code), agreed)
            for each in findings
            if self.is_on(each) and (agreed := self._agreed(each, day)) is not None
        )

    def tells(self, finding: Finding) -> bool:
        """Whether a finding is to be told today."""
        return self.is_on(finding) and self._agreed(finding, datetime.date.today()) is None

    def is_on(self, finding: Finding) -> bool:
        """Whether the rule of a finding is not switched off."""
        return self.level(finding.code) != "off"

    def _agreed(self, finding: Finding, today: datetime.date) -> AgreedBreak | None:
        """What accepts a finding today; nobody agrees to an exception that is unused."""
        if finding.code == UNUSED:
            return None
        lasting = (each for each in self.exceptions if each.until is None or today <= each.until)
        return next((each for each in lasting if each.matches(finding.subject)), None)


def link_settings(settings: Mapping[str, Any]) -> LinkSettings:
    """What `[tool.jararaca]` says about linking. Raises ConfigError."""
    table = level_table(settings, "link")
    rest = {key: value for key, value in table.items() if key != "except"}
    return LinkSettings(
        read_levels(rest, "link", LINK_RULES),
        tuple(_exception(each) for each in _entries(table.get("except", []))),
    )


def _entries(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise ConfigError(f'{_WHERE} except: write a list: [{{link = "a.b -> c.d"}}]')
    return value


def _exception(entry: object) -> AgreedBreak:
    table = {"link": entry} if isinstance(entry, str) else entry
    known = isinstance(table, Mapping) and table.keys() <= {"link", "until", "why"}
    if not isinstance(table, Mapping) or not known or not isinstance(table.get("link"), str):
        raise ConfigError(f'{_WHERE} except: write {{link = "a.b -> c.d", until = 2027-01-31}}')
    return AgreedBreak(table["link"], _day(table.get("until")), str(table.get("why", "")))


def _day(value: object) -> datetime.date | None:
    if value is None or (isinstance(value, datetime.date) and not _has_time(value)):
        return value
    try:
        return datetime.date.fromisoformat(str(value))
    except ValueError:
        raise ConfigError(f"{_WHERE} except: until = {value!r}: write a day: 2027-01-31") from None


def _has_time(value: datetime.date) -> bool:
    return isinstance(value, datetime.datetime)
