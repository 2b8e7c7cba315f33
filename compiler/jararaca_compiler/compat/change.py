"""Changes as values: what it is, whom it breaks, where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jararaca_compiler.compat.table import RULES
from jararaca_compiler.documents.source import Span

Whom = Literal["producers", "consumers", "stored", "code"]
WHOM: tuple[Whom, ...] = ("producers", "consumers", "stored", "code")
CALLED: dict[Whom, str] = {
    "producers": "producers",
    "consumers": "consumers",
    "stored": "stored messages",
    "code": "generated code",
}
WHY: dict[Whom, str] = {
    "producers": "What producers of the old contract send is refused, or reaches nobody.",
    "consumers": "Consumers of the old contract refuse or miss what new producers send.",
    "stored": "Messages in queues, outboxes and dead letters can no longer be handled.",
    "code": "Code that uses the generated names or types must be changed.",
}
UNDECLARED = "It only breaks senders of fields that their contract does not declare."


@dataclass(frozen=True, slots=True)
class Witness:
    """A JSON value of a whole message that only one of the contracts allows: the old one where
    `was_allowed`, else the new one. It was checked against both.
    """

    value: Any
    was_allowed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `breaks` lists whom it breaks as far as can be told, `risks` whom only in
    rare cases, which `why` tells; with neither it is safe. `subject` is what an exception names,
    and `group` the message or thing that it is listed under. `within` are the places of the schemas
    that it lies in, and `refers` those that the schema that differs refers to: `path#pointer`.
    """

    code: str
    group: str
    subject: str
    message: str
    breaks: tuple[Whom, ...]
    risks: tuple[Whom, ...]
    why: str
    help: str
    span: Span
    values: Mapping[str, object] = field(default_factory=dict, compare=False)
    witness: Witness | None = field(default=None, compare=False)
    within: frozenset[str] = field(default=frozenset(), compare=False)
    refers: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def is_safe(self) -> bool:
        """Whether it breaks nobody, whatever is sent."""
        return not self.breaks and not self.risks


def change(
    code: str,
    group: str,
    subject: str,
    span: Span,
    *,
    breaks: Iterable[Whom] = (),
    risks: Iterable[Whom] = (),
    why: str | None = None,
    witness: Witness | None = None,
    **values: object,
) -> Change:
    """A change of the table; an unknown code is a bug and raises KeyError."""
    rule = RULES[code]
    sure, rare = set(breaks), set(risks)
    broken = tuple(whom for whom in WHOM if whom in sure)
    reasons = [WHY[whom] for whom in broken] or ([UNDECLARED] if rare else [])
    return Change(
        code=code,
        group=group,
        subject=subject,
        message=rule.wording.format(**values),
        breaks=broken,
        risks=tuple(whom for whom in WHOM if whom in rare - sure),
        why=" ".join(reasons) if why is None else why,
        help=rule.help.format(**values) if sure or rare else "",
        span=span,
        values=values,
        witness=witness,
    )
