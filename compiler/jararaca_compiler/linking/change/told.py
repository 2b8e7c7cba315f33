"""The breaks of a system's change in the words of `jararaca diff`: whom it breaks, by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jararaca_compiler.compat.change import Change, Whom, Witness, change
from jararaca_compiler.documents.source import Span
from jararaca_compiler.linking.change.broken import Breaks, SystemChange
from jararaca_compiler.linking.change.rollout import Rollout, rollout
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.checks.rule_table import LINK_RULES
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.linking.settings import LinkSettings

ROLLOUT = "rollout"
_BELOW = {"witness": "below"}


def told(system: SystemChange, settings: LinkSettings) -> Iterator[Change]:
    """What is broken now and was not, what is no longer broken, and the order of deployment."""
    if not system.changed:
        return
    breaks = Breaks(settings)
    before, after = breaks.of(system.before), breaks.of(system.after)
    for key in sorted(after.keys() - before.keys()):
        yield _broken(after[key], system, settings)
    for key in sorted(before.keys() - after.keys()):
        yield _mended(before[key], system)
    if len(system.changed) > 1:
        yield from _order(rollout(system, breaks), system)


def _broken(finding: Finding, system: SystemChange, settings: LinkSettings) -> Change:
    there = {each.name: each for each in (*system.before, *system.after)}
    victims = _victims(finding, system)
    whom: tuple[Whom, ...] = ("producers",) if finding.between[0] in victims else ("consumers",)
    is_sure = settings.level(finding.code) == "error"
    said = " and ".join(_called(name, finding, there) for name in victims)
    rule = LINK_RULES[finding.code]
    values = {**finding.values, **(_BELOW if finding.witness is not None else {})}
    return change(
        "service-broken",
        finding.subject,
        finding.subject,
        finding.span,
        breaks=whom if is_sure else (),
        risks=() if is_sure else whom,
        why=rule.why.format(**finding.values),
        witness=_witness(finding, system),
        who=said,
        what=rule.wording.format(**values),
        fix=rule.fix.format(**finding.values),
        services=victims,
    )


def _mended(finding: Finding, system: SystemChange) -> Change:
    there = {each.name: each for each in (*system.after, *system.before)}
    names = [name for name in finding.between if name in there] or list(finding.between)
    return change(
        "service-unbroken",
        finding.subject,
        finding.subject,
        _place(system),
        who=" and ".join(_called(name, finding, there) for name in names[-1:]),
        what=LINK_RULES[finding.code].wording.format(**finding.values),
        services=tuple(finding.between),
    )


def _victims(finding: Finding, system: SystemChange) -> tuple[str, ...]:
    """Those that did nothing; where all of them changed, whoever the rule is about last."""
    still = tuple(name for name in finding.between if name not in system.changed)
    return still or finding.between[-1:]


def _called(name: str, finding: Finding, there: Mapping[str, Participant]) -> str:
    """`Warehouse.reserve_stock (warehouse 0.9.2, from ../warehouse)`."""
    participant = there.get(name)
    if participant is None:
        return name
    is_receiver = bool(finding.handler) and name == finding.between[-1]
    of = f", from {participant.neighbour}" if participant.is_neighbour else ""
    version = f"{name} {participant.service.version}{of}"
    return f"{finding.handler} ({version})" if is_receiver else f"{name} ({version})"


def _witness(finding: Finding, system: SystemChange) -> Witness | None:
    """The sender allows the value: before as well, where the sender is what it was."""
    if finding.witness is None:
        return None
    is_reply = finding.code.startswith("reply-")
    sender = finding.between[-1 if is_reply else 0]
    return Witness(finding.witness[0], sender not in system.changed)


def _order(found: Rollout, system: SystemChange) -> Iterator[Change]:
    there = {each.name: each for each in (*system.before, *system.after)}
    gone = {each.name for each in system.before} - {each.name for each in system.after}

    def named(name: str) -> str:
        return f"{name} (gone)" if name in gone else f"{name} {there[name].service.version}"

    steps = [", ".join(map(named, step)) for step in found.steps]
    order = [list(step) for step in found.steps]
    if found.stuck:
        names = ", ".join(map(named, found.stuck))
        yield change(
            "rollout-impossible", ROLLOUT, ROLLOUT, _place(system), breaks=("producers",
            "consumers"), why="Whichever is first, it and another one as it was break each other.",
            names=names, order=order,
        )  # fmt: skip
    elif len(found.steps) > 1:
        listed = ", ".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
        yield change("rollout", ROLLOUT, ROLLOUT, _place(system), steps=listed, order=order)


def _place(system: SystemChange) -> Span:
    """The first document of the first service that changed."""
    changed = (each for each in (*system.after, *system.before) if each.name in system.changed)
    service = next(changed).service
    return Span(service.source.split(", ")[0])
