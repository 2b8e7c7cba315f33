"""The table of diagnostic codes: each with its severity, its wording and its help."""

from __future__ import annotations

from jararaca_compiler.diagnostics.codes import output, semantics, structure
from jararaca_compiler.diagnostics.codes.rule import SEVERITIES, Rule, Severity

__all__ = ["RULES", "SEVERITIES", "Rule", "Severity"]

RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        *structure.READING,
        *structure.REFERENCES,
        *structure.STRUCTURE,
        *semantics.MEANING,
        *semantics.SCHEDULES,
        *semantics.PARTITIONS,
        *semantics.SHARED,
        *output.OUTPUT,
    )
}
