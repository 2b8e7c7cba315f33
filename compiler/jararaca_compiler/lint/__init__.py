"""Advice about contracts that compile: every rule can be switched off or made an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, ordered
from jararaca_compiler.diagnostics.levels import Level, severity
from jararaca_compiler.lint.finding import Finding, LintContext
from jararaca_compiler.lint.registry import RULES
from jararaca_compiler.lint.rule_table import LINT_RULES, LintRule
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.references.resolver import Resolver

__all__ = ["LINT_RULES", "LintRule", "lint"]


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


def _diagnostic(finding: Finding, level: Level) -> Diagnostic:
    rule = LINT_RULES[finding.code]
    return Diagnostic(
        rule.code,
        severity(level),
        rule.wording.format(**finding.values),
        finding.span,
        f"{rule.fix.format(**finding.values)} {rule.why}",
    )
