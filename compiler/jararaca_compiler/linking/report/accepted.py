"""Breaks that a team has agreed to: they are shown, and fail nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.diagnostics.report import as_json
from jararaca_compiler.linking.settings import Accepted


def notes_of(accepted: Iterable[Accepted]) -> dict[str, str]:
    """How each is accepted, by what it is called: `accepted until 2027-01-31`."""
    notes: dict[str, str] = {}
    for each in accepted:
        until = "" if each.by.until is None else f" until {each.by.until}"
        notes[each.finding.subject] = f"accepted{until}"
    return notes


def accepted_count(accepted: Sequence[Accepted]) -> str:
    """`; 1 finding accepted`; an empty text for none."""
    return f"; {count(len(accepted), 'finding')} accepted" if accepted else ""


def accepted_as_json(accepted: Iterable[Accepted]) -> list[dict[str, object]]:
    """The findings as `findings` has them, each with the exception that accepts it."""
    return [
        {
            **as_json(each.finding.diagnostic(each.level)),
            "exception": each.by.link,
            "until": None if each.by.until is None else each.by.until.isoformat(),
            "why": each.by.why,
        }
        for each in accepted
    ]
