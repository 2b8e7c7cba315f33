"""The value that shows a difference of two schemas, for whom it breaks."""

from __future__ import annotations

import json
from typing import Any

from jararaca_compiler.compat.change import Witness
from jararaca_compiler.compat.schemas.difference import Difference
from jararaca_compiler.compat.schemas.frame import Frame, Schemas
from jararaca_compiler.compat.witness.candidates import candidates
from jararaca_compiler.compat.witness.embedding import embedded
from jararaca_compiler.compat.witness.verdict import separates

_TRIED = 120
_LONGEST = 50_000
"""In characters: a message of GitHub's with nothing but what it must have has 4,000."""


def witness_of(difference: Difference) -> Witness | None:
    """A whole message that was allowed and is not, or is allowed and was not."""
    relation = difference.relation
    if relation.narrowed:
        found = _found(difference, difference.frame, is_old=True)
        if found is not None:
            return Witness(found[0], was_allowed=True)
    if relation.widened:
        found = _found(difference, difference.frame, is_old=False)
        if found is not None:
            return Witness(found[0], was_allowed=False)
    return None


def _found(difference: Difference, frame: Frame, *, is_old: bool) -> tuple[Any] | None:
    known, refusing = (frame.old, frame.new) if is_old else (frame.new, frame.old)
    aimed = difference.new if is_old else difference.old
    sent: Schemas = (*known, *difference.having)

    def search() -> tuple[Any] | None:
        for value in candidates(sent, aimed or refusing, _TRIED):
            if separates(value, sent, aimed or refusing):
                found = embedded(value, frame, is_old)
                if found is not None:
                    # The shortest come first.
                    return found if len(json.dumps(found[0])) <= _LONGEST else None
        return None

    return frame.place.store.searched(search)
