"""In which order changed services can be deployed, so that none breaks another on the way."""

from __future__ import annotations

from dataclasses import dataclass

from jararaca_compiler.linking.change.broken import Breaks, SystemChange
from jararaca_compiler.linking.participant import Participant


@dataclass(frozen=True, slots=True)
class Rollout:
    """`steps` one after the other, the services of each in any order among themselves.

    `stuck` are those for which there is no order: as soon as one of them is deployed, it and one
    that is still as before break each other.
    """

    steps: tuple[tuple[str, ...], ...]
    stuck: tuple[str, ...] = ()


def rollout(change: SystemChange, breaks: Breaks) -> Rollout:
    """The order. What is broken in the end whatever the order is, is no reason for another one."""
    before = {each.name: each for each in change.before}
    after = {each.name: each for each in change.after}
    always = breaks.errors(change.after).keys()
    now, left, steps = before, sorted(change.changed), list[tuple[str, ...]]()
    while left:
        allowed = breaks.errors(now.values()).keys() | always
        step = tuple(
            name
            for name in left
            if breaks.errors(_with(now, after, name).values()).keys() <= allowed
        )
        if not step:
            return Rollout(tuple(steps), tuple(left))
        for name in step:
            now = _with(now, after, name)
        left = [name for name in left if name not in step]
        steps.append(step)
    return Rollout(tuple(steps))


def _with(
    now: dict[str, Participant], after: dict[str, Participant], name: str
) -> dict[str, Participant]:
    """The system with one service deployed, or gone."""
    others = {key: each for key, each in now.items() if key != name}
    return others | ({name: after[name]} if name in after else {})
