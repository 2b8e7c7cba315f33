"""Advice about contracts that compile: every rule can be switched off or made an error."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, ordered
from jararaca_compiler.lint.finding import Finding, LintContext
from jararaca_compiler.lint.registry import RULES
from jararaca_compiler.lint.rule_table import LEVELS, LINT_RULES, Level, LintRule
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.references.resolver import Resolver

__all__ = ["LINT_RULES", "Level", "LintRule", "levels", "lint"]


def lint(
    services: Iterable[ir.Service],
    documents: Documents,
    resolver: Resolver,
    configured: Mapping[str, Level] | None = None,
) -> tuple[Diagnostic, ...]:
    """What could be better about the services, sorted by place.

    `configured` has the level of a rule by its code; the others have their own.
    """
    chosen = {code: rule.level for code, rule in LINT_RULES.items()} | dict(configured or {})
    context = LintContext(tuple(services), documents, resolver)
    return ordered(
        _diagnostic(finding, chosen[finding.code])
        for code, rule in RULES.items()
        if chosen[code] != "off"
        for finding in rule(context)
    )


def levels(table: Mapping[str, Any]) -> tuple[dict[str, Level], tuple[str, ...]]:
    """The levels that `[tool.jararaca.lint]` sets, and what is wrong with the table."""
    found: dict[str, Level] = {}
    problems: list[str] = []
    for code, value in table.items():
        level = next((level for level in LEVELS if level == value), None)
        if code not in LINT_RULES:
            near = difflib.get_close_matches(code, LINT_RULES, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            problems.append(f"[tool.jararaca.lint] has no rule `{code}`{hint}")
        elif level is None:
            problems.append(
                f'[tool.jararaca.lint] {code} = {value!r}: write "off", "warning" or "error"'
            )
        else:
            found[code] = level
    return found, tuple(problems)


def _diagnostic(finding: Finding, level: Level) -> Diagnostic:
    rule = LINT_RULES[finding.code]
    return Diagnostic(
        rule.code,
        "error" if level == "error" else "warning",
        rule.wording.format(**finding.values),
        finding.span,
        f"{rule.fix.format(**finding.values)} {rule.why}",
    )
