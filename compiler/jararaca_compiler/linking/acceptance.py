"""Whether a receiver accepts every value that a sender may send: proven, refuted or unknown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from jararaca_compiler import ir
from jararaca_compiler.compat.contract.encodings import misreads
from jararaca_compiler.compat.proof.depth import deep_proofs
from jararaca_compiler.compat.proof.prover import Prover
from jararaca_compiler.compat.proof.schema import Schema, SchemaStore
from jararaca_compiler.compat.witness.verdict import witness
from jararaca_compiler.emit.types.discriminators import Discriminators
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.references.resolver import Found
from jararaca_compiler.validation.values import errors, validator_by

Part = Literal["payload", "headers", "content"]
_NOTHING_SAID: dict[str, Any] = {"type": "object", "properties": {}}
"""The headers of a sender that does not speak of any: it declares none."""
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Proven:
    """Every value is accepted; with `is_declared_only`, every one whose fields the sender declares.

    `undeclared` then holds a value with other fields, which the sender's schema leaves open and the
    receiver refuses; None where no such value was found.
    """

    is_declared_only: bool = False
    undeclared: tuple[Any] | None = None


@dataclass(frozen=True, slots=True)
class Refuted:
    """`witness` is a value that the sender may send and the receiver refuses, for `reason`."""

    part: Part
    witness: Any = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Neither a proof nor a witness was found: never to be taken for safe."""

    part: Part


Verdict = Proven | Refuted | Unknown


def shown(verdict: Verdict) -> tuple[Any] | None:
    """The value of a body or of headers that shows a verdict, where there is one."""
    if isinstance(verdict, Proven):
        return verdict.undeclared
    if isinstance(verdict, Refuted) and verdict.part != "content":
        return (verdict.witness,)
    return None


class Memory(Protocol):
    """Verdicts that are known already, by sent message, sender, received message and receiver."""

    def get(
        self, sent: ir.Message, sender: Participant, received: ir.Message, receiver: Participant, /
    ) -> Verdict | None: ...

    def put(
        self,
        sent: ir.Message,
        sender: Participant,
        received: ir.Message,
        receiver: Participant,
        verdict: Verdict,
        /,
    ) -> None: ...


class Acceptance:
    """Decides about pairs of messages; one prover a pair of services, which remembers."""

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory
        self._sides: dict[int, _Side] = {}
        self._pairs: dict[tuple[int, int], _Pair] = {}
        self._unsaid: dict[int, ir.Payload] = {}

    def verdict(
        self, sent: ir.Message, sender: Participant, received: ir.Message, receiver: Participant
    ) -> Verdict:
        """Whether `received` takes all that `sent` may be: body, headers and content type."""
        if not _same_content(sent, received):
            return Refuted("content")
        known = None if self._memory is None else self._memory.get(sent, sender, received, receiver)
        if known is not None:
            return known
        wholes = sender.whole, receiver.whole
        messages = wholes[0].message(sent.name), wholes[1].message(received.name)
        verdict = self._verdict(messages[0], wholes[0], messages[1], wholes[1])
        if self._memory is not None:
            self._memory.put(sent, sender, received, receiver, verdict)
        return verdict

    def _verdict(
        self, sent: ir.Message, sender: Participant, received: ir.Message, receiver: Participant
    ) -> Verdict:
        pair = self._pair(sender, receiver)
        found: list[Verdict] = []
        with deep_proofs():
            if sent.encoding is None:
                found.append(pair.verdict("payload", sent.payload, received.payload))
            if received.headers is not None:
                headers = sent.headers or self._unsaid.setdefault(id(sent), _no_headers(sent))
                found.append(pair.verdict("headers", headers, received.headers))
        return _worst(found)

    def _pair(self, sender: Participant, receiver: Participant) -> _Pair:
        key = id(sender), id(receiver)
        if key not in self._pairs:
            self._pairs[key] = _Pair(self._side(sender), self._side(receiver))
        return self._pairs[key]

    def _side(self, participant: Participant) -> _Side:
        return self._sides.setdefault(id(participant), _Side(participant))


class _Side:
    """A service's schemas as its classes take them: with what a discriminator tells apart."""

    def __init__(self, participant: Participant) -> None:
        components = participant.service.shared_schemas
        self._discriminators = Discriminators(participant.contract.lookup, components)
        self._found: dict[str, Found] = {}
        self._said: dict[int, ir.Payload] = {}

    def lookup(self, ref: str) -> Found:
        """What a reference leads to: the same value each time. Raises UnresolvedRefError."""
        if ref not in self._found:
            self._found[ref] = self._discriminators.lookup(ref)
        return self._found[ref]

    def said(self, payload: ir.Payload) -> ir.Payload:
        """A body or headers in the words of JSON Schema alone."""
        if id(payload) not in self._said:
            schema = self._discriminators.said(payload.schema)
            self._said[id(payload)] = replace(payload, schema=schema)
        return self._said[id(payload)]


class _Pair:
    """Two services, of which the first one sends."""

    def __init__(self, sender: _Side, receiver: _Side) -> None:
        self._sides = sender, receiver
        self._store = SchemaStore(sender.lookup, receiver.lookup)
        self._prover = Prover(self._store)
        self._told: dict[tuple[int, int], Verdict] = {}

    def verdict(self, part: Part, sent: ir.Payload, received: ir.Payload) -> Verdict:
        """What is proven of a body or of headers: found out once."""
        key = id(sent), id(received)
        if key not in self._told:
            self._told[key] = self._verdict(part, sent, received)
        return self._told[key]

    def _verdict(self, part: Part, sent: ir.Payload, received: ir.Payload) -> Verdict:
        sides = self._sides[0].said(sent), self._sides[1].said(received)
        known, goal = (self._schema(payload, side) for side, payload in enumerate(sides))
        if self._prover.covers((known,), goal):
            return Proven()
        found = witness((known,), (goal,))
        if self._prover.covers((self._store.as_sender(known),), goal):
            return Proven(True, found)
        return Unknown(part) if found is None else self._refuted(part, found[0], sides)

    def _refuted(
        self, part: Part, value: Any, payloads: tuple[ir.Payload, ir.Payload]
    ) -> Refuted | Unknown:
        """The witness, where a second validator finds the same of it on both sides."""
        allowing, refusing = (
            validator_by(payload.schema, side.lookup)
            for payload, side in zip(payloads, self._sides, strict=True)
        )
        reasons = errors(refusing, value, _MOST_REASONS)
        if not reasons or errors(allowing, value, 1):
            return Unknown(part)
        return Refuted(part, value, "; ".join(reasons))

    def _schema(self, payload: ir.Payload, side: int) -> Schema:
        return self._store.schema(payload.schema, payload.path, payload.pointer, side)


def _no_headers(message: ir.Message) -> ir.Payload:
    return ir.Payload(
        _NOTHING_SAID, message.payload.path, message.payload.pointer, message.payload.span
    )


def _same_content(sent: ir.Message, received: ir.Message) -> bool:
    if sent.encoding is not None or received.encoding is not None:
        return not misreads(sent.encoding, received.encoding)
    kinds = {_is_json(message.content_type) for message in (sent, received)}
    return kinds == {True} or sent.content_type == received.content_type


def _is_json(content_type: str) -> bool:
    media = content_type.split(";")[0].strip().lower()
    return media == "application/json" or media.endswith("+json")


def _worst(found: list[Verdict]) -> Verdict:
    for kind in (Refuted, Unknown):
        for verdict in found:
            if isinstance(verdict, kind):
                return verdict
    proofs = [each for each in found if isinstance(each, Proven)]
    shown = (each.undeclared for each in proofs if each.undeclared is not None)
    return Proven(any(each.is_declared_only for each in proofs), next(shown, None))
