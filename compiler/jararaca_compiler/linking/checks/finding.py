"""What is wrong with a system: a rule, a place in one document, and one in the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jararaca_compiler.diagnostics.diagnostic import Diagnostic
from jararaca_compiler.diagnostics.levels import Level, severity
from jararaca_compiler.documents.source import Span
from jararaca_compiler.linking.checks.rule_table import LINK_RULES


@dataclass(frozen=True, slots=True)
class Finding:
    """One break, or one thing to know; `subject` names it for an exception.

    `between` are the services that it is about; `handler` is the receiver's, `Warehouse.reserve`.
    `witness` holds the value that shows it, where there is one.
    """

    code: str
    subject: str
    span: Span
    values: Mapping[str, object] = field(default_factory=dict, compare=False)
    related: Span | None = None
    between: tuple[str, ...] = field(default=(), compare=False)
    handler: str = field(default="", compare=False)
    witness: tuple[Any] | None = field(default=None, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        """What stays the same while a value or a line changes."""
        return self.code, self.subject

    def diagnostic(self, level: Level) -> Diagnostic:
        """The finding in the form of all diagnostics."""
        rule = LINK_RULES[self.code]
        related = () if self.related is None else ((self.related, self._said(rule.elsewhere)),)
        return Diagnostic(
            rule.code,
            severity(level),
            self._said(rule.wording),
            self.span,
            f"{self._said(rule.fix)} {self._said(rule.why)}",
            related,
        )

    def _said(self, text: str) -> str:
        return text.format(**self.values)
