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


@dataclass(frozen=True, slots=True)
class AgreedBreak:
    """A break that is accepted up to and including the day `until`; None: for good.

    `link` is a finding's subject, with `*` for any part of it; `why` is for people.
    """

    link: str
    until: datetime.date | None = None
    why: str = ""

    def matches(self, finding: Finding) -> bool:
        """Whether it is about a finding, on whatever day."""
        parts = (re.escape(part) for part in self.link.split("*"))
        return re.fullmatch(".*".join(parts), finding.subject) is not None


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
            if self.level(each.code) != "off" and not self.accepts(each, day)
        )

    def tells(self, finding: Finding) -> bool:
        """Whether a finding is to be told today."""
        is_on = self.level(finding.code) != "off"
        return is_on and not self.accepts(finding, datetime.date.today())

    def accepts(self, finding: Finding, today: datetime.date) -> bool:
        """Whether a team has agreed to a finding, and the agreement has not ended."""
        return any(
            each.matches(finding) and (each.until is None or today <= each.until)
            for each in self.exceptions
        )


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
