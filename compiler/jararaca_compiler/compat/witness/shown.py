"""The value that shows a difference of two schemas, for whom it breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from jararaca_compiler.compat.change import Witness
from jararaca_compiler.compat.schemas.difference import Difference
from jararaca_compiler.compat.schemas.frame import Frame, Schemas
from jararaca_compiler.compat.witness.candidates import candidates
from jararaca_compiler.compat.witness.embedding import around, embedded, held, root
from jararaca_compiler.compat.witness.least import Leasts, Made
from jararaca_compiler.compat.witness.verdict import separates

_TRIED = 120
_NEAREST = 24
_LONGEST = 50_000
"""In characters: a message of GitHub's with nothing but what it must have has 4,000."""


def witness_of(difference: Difference, leasts: Leasts) -> Witness | None:
    """A whole message that was allowed and is not, or is allowed and was not."""
    relation = difference.relation
    for is_old, is_lost in ((True, relation.narrowed), (False, relation.widened)):
        found = _found(difference, leasts, is_old) if is_lost else None
        if found is not None and len(json.dumps(found[0])) <= _LONGEST:
            return Witness(found[0], was_allowed=is_old)
    return None


def _found(difference: Difference, leasts: Leasts, is_old: bool) -> Made:
    frame = difference.frame
    store = frame.place.store
    direct = store.built(lambda: _direct(difference, leasts, is_old))
    return direct or store.searched(lambda: _searched(difference, is_old))


def _direct(difference: Difference, leasts: Leasts, is_old: bool) -> Made:
    """A value that shows it, in the least message around it: seen at once where it is one."""
    frame = difference.frame
    sent, refusing = _sides(difference, is_old)
    top = root(frame)
    known, whole = (top.old, top.new) if is_old else (top.new, top.old)
    for value in _near(held(frame, is_old), difference.having, refusing, leasts):
        if separates(value, sent, refusing):
            message = around(value, frame, leasts, is_old)
            if message is not None and separates(message[0], known, whole):
                return message
    return None


def _near(place: Schemas, having: Schemas, refusing: Schemas, leasts: Leasts) -> Iterator[Any]:
    least = leasts.of((*place, *having))
    if least is not None:
        yield least[0]
    yield from candidates((*place, *having), refusing, _NEAREST)


def _searched(difference: Difference, is_old: bool) -> Made:
    sent, refusing = _sides(difference, is_old)
    for value in candidates(sent, refusing, _TRIED):
        if separates(value, sent, refusing):
            found = embedded(value, difference.frame, is_old)
            if found is not None:
                return found
    return None


def _sides(difference: Difference, is_old: bool) -> tuple[Schemas, Schemas]:
    """What a value that shows it is valid under, and what refuses it."""
    frame: Frame = difference.frame
    known, refusing = (frame.old, frame.new) if is_old else (frame.new, frame.old)
    aimed = difference.new if is_old else difference.old
    return (*known, *difference.having), aimed or refusing
