"""Changes as text for a person, as JSON, and as what CI servers read."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from jararaca_shared.printable import json_text, printable

from jararaca_compiler.compat.change import CALLED, Change, Whom, Witness
from jararaca_compiler.compat.exceptions import matches
from jararaca_compiler.diagnostics.report import Place
from jararaca_compiler.diagnostics.reports import Finding, render_findings

_COLOURS = {"breaks": "31;1", "may break": "33", "safe": "32", "excepted": "36"}
_WIDTH = 96
_LISTS = ("services", "order")
"""What of a system's change scripts want as values."""
_LONGEST = 2_000
"""Of an example, in characters; what a program reads has all of it."""
_SENTENCE = re.compile(r"(?<=\.) (?=[A-Z])")


def text(changes: Sequence[Change], exceptions: Sequence[str], colour: bool) -> str:
    """One block a message: each change with whom it breaks, where it stands, why, what to do."""
    if not changes:
        return "No changes.\n"
    lines: list[str] = []
    for group, found in groupby(_grouped(changes), key=lambda change: change.group):
        lines += [_painted(printable(group), "1", colour)]
        told: set[str] = set()
        for change in found:
            lines += _block(change, exceptions, colour, told)
        lines.append("")
    return "\n".join([*lines, _summary(changes, exceptions, colour), ""])


def as_json(changes: Sequence[Change], exceptions: Sequence[str]) -> str:
    """A JSON array, one object a change."""
    found = [
        {
            "code": change.code,
            "message": change.group,
            "subject": change.subject,
            "change": change.message,
            "breaks": list(change.breaks),
            "risks": list(change.risks),
            "excepted": is_excepted(change, exceptions),
            "why": change.why,
            "help": change.help,
            "witness": _witness(change.witness),
            "path": change.span.path,
            "line": change.span.line,
            "column": change.span.column,
            **{key: change.values[key] for key in _LISTS if key in change.values},
        }
        for change in changes
    ]
    return json_text(found, indent=2) + "\n"


def report(changes: Sequence[Change], exceptions: Sequence[str], format: str, place: Place) -> str:
    """What a CI server reads, without what is safe: errors break, warnings may."""
    found = [_finding(change, exceptions, place) for change in changes if not change.is_safe]
    return render_findings(found, format, "diff")


def _finding(change: Change, exceptions: Sequence[str], place: Place) -> Finding:
    accepted = is_excepted(change, exceptions)
    example = [] if change.witness is None else [f"{_example(change.witness)}."]
    return Finding(
        change.code,
        "error" if change.breaks and not accepted else "note" if accepted else "warning",
        " ".join([f"{change.subject}: {change.message}.", *example, change.why]).strip(),
        replace(change.span, path=place(change.span.path)),
        help=change.help,
        title=f"{change.code}: {_verdict(change, exceptions)[1]}",
        accepted=accepted,
    )


def is_excepted(change: Change, exceptions: Sequence[str]) -> bool:
    """Whether the team has agreed to a change."""
    return any(matches(exception, change) for exception in exceptions)


def _block(change: Change, exceptions: Sequence[str], colour: bool, told: set[str]) -> list[str]:
    """The lines of a change, without the reasons and the advice that its group has been told."""
    kind, verdict = _verdict(change, exceptions)
    span = change.span
    subject = "" if change.subject == change.group else f"{change.subject}: "
    code = _painted(f"[{change.code}]", "2", colour)
    lines = [
        f"  {printable(subject + change.message)} {code}",
        f"      {_painted(verdict, _COLOURS[kind], colour)}",
        f"      {printable(span.path)}:{span.line}:{span.column}",
    ]
    if change.witness is not None:
        lines.append(f"      {_example(change.witness)}")
    for words in (_untold(change.why, told), _untold(change.help, told)):
        text = printable(words)
        lines += textwrap.wrap(text, _WIDTH, initial_indent="      ", subsequent_indent="      ")
    return lines


def _example(witness: Witness) -> str:
    text = json_text(witness.value)
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}... (the whole of it: --format json)"
    return f"{'allowed before' if witness.was_allowed else 'allowed now'}: {text}"


def _witness(witness: Witness | None) -> dict[str, object] | None:
    if witness is None:
        return None
    return {"allowed": "before" if witness.was_allowed else "now", "value": witness.value}


def _untold(words: str, told: set[str]) -> str:
    """The sentences that are not in `told` yet; they are from now on."""
    left = [each for each in _SENTENCE.split(words) if each not in told]
    told.update(left)
    return " ".join(left)


def _verdict(change: Change, exceptions: Sequence[str]) -> tuple[str, str]:
    if change.is_safe:
        return "safe", "safe"
    if is_excepted(change, exceptions):
        return "excepted", f"excepted (breaks {_called(change.breaks or change.risks)})"
    if change.breaks:
        return "breaks", f"breaks {_called(change.breaks)}"
    return "may break", f"may break {_called(change.risks)}"


def _called(whom: Sequence[Whom]) -> str:
    names = [CALLED[one] for one in whom]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _grouped(changes: Sequence[Change]) -> list[Change]:
    first: dict[str, int] = {}
    for change in changes:
        first.setdefault(change.group, len(first))
    return sorted(changes, key=lambda change: first[change.group])


def _summary(changes: Sequence[Change], exceptions: Sequence[str], colour: bool) -> str:
    kinds = [_verdict(change, exceptions)[0] for change in changes]
    words = {"breaks": "breaking", "may break": "risky", "excepted": "excepted", "safe": "safe"}
    counts = [
        _painted(f"{kinds.count(kind)} {word}", _COLOURS[kind], colour)
        for kind, word in words.items()
        if kind in kinds
    ]
    noun = "change" if len(changes) == 1 else "changes"
    return f"{len(changes)} {noun}: {', '.join(counts)}."


def _painted(words: str, style: str, colour: bool) -> str:
    return f"\x1b[{style}m{words}\x1b[0m" if colour else words
