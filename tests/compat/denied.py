"""What `diff` says of two contracts, held against validators that have nothing of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from random import Random

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change
from jararaca_compiler.compat.contract.version import ContractVersion

from .judge import Files, Judge, judge_of
from .near_values import near

HEADERS = "[headers]"
Pair = tuple[Judge, Judge]


def denied(
    versions: tuple[ContractVersion, ContractVersion],
    files: tuple[Files, Files],
    told: Sequence[Change],
    chance: Random,
    tries: int = 30,
) -> Iterator[str]:
    """Witnesses that are none, and values that break somebody whom nothing warned."""
    for old, new in _lasting(versions, told):
        mine = [change for change in told if change.group == new.name]
        for part in ("payload", "headers"):
            sides = judge_of(files[0], old, part), judge_of(files[1], new, part)
            if sides[0] is None or sides[1] is None:
                continue
            pair = sides[0], sides[1]
            about = [c for c in mine if (HEADERS in c.subject) == (part == "headers")]
            yield from _no_witnesses(about, pair)
            yield from _not_warned(mine, pair, f"{new.name} {part}", chance, tries)


def _lasting(
    versions: tuple[ContractVersion, ContractVersion], told: Sequence[Change]
) -> Iterator[tuple[ir.Message, ir.Message]]:
    before, after = (
        {message.name: message for service in side.services for message in service.messages}
        for side in versions
    )
    renamed = {c.group: str(c.values["old"]) for c in told if c.code == "message-renamed"}
    for name, message in after.items():
        known = before.get(name) or before.get(renamed.get(name, ""))
        if known is not None:
            yield known, message


def _no_witnesses(told: Sequence[Change], sides: Pair) -> Iterator[str]:
    for change in told:
        if change.witness is None:
            continue
        was, value = change.witness.was_allowed, change.witness.value
        if not (sides[0].agrees(value, was) and sides[1].agrees(value, not was)):
            yield f"no witness of {change.code} {change.subject}: {json.dumps(value)}, {was=}"


def _not_warned(
    told: Sequence[Change], sides: Pair, what: str, chance: Random, tries: int
) -> Iterator[str]:
    warned = {whom for change in told for whom in (*change.breaks, *change.risks)}
    for _ in range(tries):
        value = near(chance.choice(sides), chance)
        was, now = (side.takes(value) for side in sides)
        whom = "producers" if was else "consumers"
        if was != now and whom not in warned and sides[not was].agrees(value, True):
            yield f"{whom} were told to be safe: {what} {json.dumps(value)}"
            return
