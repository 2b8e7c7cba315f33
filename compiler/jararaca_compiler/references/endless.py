"""References that lead to no end, or to one that no validator reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.documents.source import Span
from jararaca_compiler.references.circularity import Circularity
from jararaca_compiler.references.evaluations import EvaluationCounts


def endless(pending: list[tuple[str, Span]], lookup: Callable[[str], Any]) -> Iterator[Diagnostic]:
    """What is wrong with pending references; `lookup` gives their schemas and may add to them.

    A schema that refers to itself for the same value says nothing. One that would hold the same
    value against millions of parts is complained of once, where they become too many.
    """
    circularity, evaluations = Circularity(lookup), EvaluationCounts(lookup)
    seen: set[str] = set()
    while pending:
        ref, span = pending.pop()
        if circularity.is_circular(ref):
            yield diagnose("circular-ref", span, ref=_short(ref))
        elif ref not in seen and evaluations.are_first_too_many(ref):
            yield diagnose("too-many-evaluations", span, ref=_short(ref))
        seen.add(ref)


def _short(ref: str) -> str:
    return "#" + ref.partition("#")[2]
