"""Exceptions of `[tool.jararaca.link]` that accept nothing, and what they could have meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from jararaca_shared.settings import PYPROJECT

from jararaca_compiler.documents.source import Span
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.checks.subjects import subject_of
from jararaca_compiler.linking.link import LinkedSystem
from jararaca_compiler.linking.settings import UNUSED, AgreedBreak, LinkSettings

_LISTED = 2
_DELETE = "Delete it from `except` in [tool.jararaca.link]."
_CORRECT = "Write `sender.message -> receiver.operation`, with `*` for any text."


def unused_exceptions(
    settings: LinkSettings, found: Sequence[Finding], system: LinkedSystem
) -> Iterator[Finding]:
    """A finding for each exception that matches none of `found` that is on, on whatever day."""
    broken = sorted({each.subject for each in found if settings.is_on(each)})
    unused = [each for each in settings.exceptions if not any(map(each.matches, broken))]
    if not unused:
        return
    off = {each.subject for each in found}
    known = sorted({*_subjects(system), *off})
    for each in unused:
        reason, what_to_do = _told(each, broken, known)
        values = {"exception": each.link, "reason": reason, "what_to_do": what_to_do}
        yield Finding(UNUSED, each.link, Span(PYPROJECT), values)


def _told(each: AgreedBreak, broken: Sequence[str], known: Sequence[str]) -> tuple[str, str]:
    """Why it accepts nothing, and what to do."""
    meant = [subject for subject in known if each.matches(subject)]
    if meant:
        names = ", ".join(f"`{subject}`" for subject in meant[:_LISTED])
        more = f" and {len(meant) - _LISTED} more" if len(meant) > _LISTED else ""
        return f"nothing that is reported is wrong with {names}{more}", _DELETE
    near = _nearest(each.link, broken) or _nearest(each.link, known)
    hint = f"; did you mean `{near}`?" if near else ""
    return f"no link is called like this{hint}", _CORRECT if near else f"{_CORRECT} {_DELETE}"


def _nearest(written: str, subjects: Iterable[str]) -> str | None:
    """The name that is most like what is written, as a whole or with `*` in its last places."""
    from difflib import get_close_matches  # Few projects have an exception, and fewer an unused.

    names: dict[str, None] = {}
    for subject in subjects:
        sent, arrow, received = subject.partition(" -> ")
        names[subject] = None
        if arrow and "*" in written:
            to = f"-> {received.split('.')[0]}.*"
            names |= dict.fromkeys((f"{sent} {to}", f"{sent.split('.')[0]}.* {to}"))
    return next(iter(get_close_matches(written, names, 1)), None)


def _subjects(system: LinkedSystem) -> Iterator[str]:
    """Whatever an exception may be about, broken or not."""
    for publication in system.publications:
        yield subject_of(publication)
    for link in system.links:
        yield subject_of(link.publication, link.reception.receiver, link.reception.operation)
    for loss in system.losses:
        yield subject_of(loss.publication, loss.receiver)
