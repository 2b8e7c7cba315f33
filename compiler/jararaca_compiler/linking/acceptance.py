"""Whether a receiver accepts every value that a sender may send: proven, refuted or unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from jararaca_compiler import ir
from jararaca_compiler.compat.contract.encodings import misreads
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.compat.proof.depth import deep_proofs
from jararaca_compiler.compat.proof.prover import Prover
from jararaca_compiler.compat.proof.schema import Schema, SchemaStore
from jararaca_compiler.compat.witness.verdict import witness
from jararaca_compiler.validation.values import errors, validator_by

Part = Literal["payload", "headers", "content"]
_NOTHING_SAID = {"type": "object"}
_MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Proven:
    """Every value is accepted whose fields the sender declares.

    `undeclared` holds a value with other fields that the sender's schema leaves open and that the
    receiver refuses; None where these are accepted as well.
    """

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


class Acceptance:
    """Decides about pairs of messages; one prover a pair of contracts, which remembers."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[int, int], _Pair] = {}

    def verdict(
        self,
        sent: ir.Message,
        sender: ContractVersion,
        received: ir.Message,
        receiver: ContractVersion,
    ) -> Verdict:
        """Whether `received` takes all that `sent` may be: body, headers and content type."""
        if not _same_content(sent, received):
            return Refuted("content")
        pair = self._pair(sender, receiver)
        found: list[Verdict] = []
        with deep_proofs():
            if sent.encoding is None:
                found.append(pair.verdict("payload", sent.payload, received.payload))
            if received.headers is not None:
                sides = sent.headers or _no_headers(sent), received.headers
                found.append(pair.verdict("headers", *sides))
        return _worst(found)

    def _pair(self, sender: ContractVersion, receiver: ContractVersion) -> _Pair:
        return self._pairs.setdefault((id(sender), id(receiver)), _Pair(sender, receiver))


class _Pair:
    """Two contracts, of which the first one sends."""

    def __init__(self, sender: ContractVersion, receiver: ContractVersion) -> None:
        self._lookups = sender.lookup, receiver.lookup
        self._store = SchemaStore(*self._lookups)
        self._prover = Prover(self._store)

    def verdict(self, part: Part, sent: ir.Payload, received: ir.Payload) -> Verdict:
        """What is proven of a body or of headers."""
        known, goal = self._schema(sent, 0), self._schema(received, 1)
        if self._prover.covers((known,), goal):
            return Proven()
        found = witness((known,), (goal,))
        if self._prover.covers((self._store.as_sender(known),), goal):
            return Proven(undeclared=found)
        return Unknown(part) if found is None else self._refuted(part, found[0], sent, received)

    def _refuted(
        self, part: Part, value: Any, sent: ir.Payload, received: ir.Payload
    ) -> Refuted | Unknown:
        """The witness, where a second validator finds the same of it on both sides."""
        allowing, refusing = (
            validator_by(payload.schema, lookup)
            for payload, lookup in zip((sent, received), self._lookups, strict=True)
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
    open_ones = [each.undeclared for each in found if isinstance(each, Proven) and each.undeclared]
    return Proven(open_ones[0] if open_ones else None)
