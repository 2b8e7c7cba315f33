"""The levels of rules that can be switched off or made errors, in a table of pyproject.toml."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any, Literal, get_args

from jararaca_shared.settings import PYPROJECT

from jararaca_compiler.diagnostics.codes import Severity
from jararaca_compiler.project.config import ConfigError

Level = Literal["off", "info", "warning", "error"]
LEVELS: tuple[Level, ...] = get_args(Level)


def severity(level: Level) -> Severity:
    """How a finding of a rule that is on is told."""
    return "warning" if level == "off" else level


def read_levels(table: Mapping[str, Any], section: str, codes: Collection[str]) -> dict[str, Level]:
    """The level of each rule that `[tool.jararaca.<section>]` names.

    Raises ConfigError with all that is wrong: a code that is none of `codes`, or no level.
    """
    where = f"[tool.jararaca.{section}]"
    found: dict[str, Level] = {}
    problems: list[str] = []
    for code, value in table.items():
        level = next((level for level in LEVELS if level == value), None)
        if code not in codes:
            near = difflib.get_close_matches(code, codes, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            problems.append(f"{where} has no rule `{code}`{hint}")
        elif level is None:
            levels = '"off", "info", "warning" or "error"'
            problems.append(f"{where} {code} = {value!r}: write {levels}")
        else:
            found[code] = level
    if problems:
        raise ConfigError(f"{PYPROJECT}: {'; '.join(problems)}")
    return found


def level_table(settings: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    """The table `[tool.jararaca.<section>]`; empty where there is none. Raises ConfigError."""
    table = settings.get(section, {})
    if not isinstance(table, Mapping):
        raise ConfigError(f"{PYPROJECT}: tool.jararaca.{section} must be a table")
    return table
