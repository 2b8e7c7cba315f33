"""What was proven of two messages, by the digests of the documents that they stand in."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.linking.acceptance import Proven, Refuted, Unknown, Verdict
from jararaca_compiler.linking.cache.storage import CacheFile
from jararaca_compiler.linking.participant import Participant

_KINDS: dict[str, type[Proven] | type[Refuted] | type[Unknown]] = {
    kind.__name__: kind for kind in (Proven, Refuted, Unknown)
}


class KeptVerdicts:
    """Verdicts of earlier runs; `root` is the project's."""

    def __init__(self, root: Path) -> None:
        self._file = CacheFile(root, "verdicts")

    def get(
        self, sent: ir.Message, sender: Participant, received: ir.Message, receiver: Participant
    ) -> Verdict | None:
        """What is known; None where nothing is, or it has not been kept."""
        key = _key(sent, sender, received, receiver)
        kept: Any = None if key is None else self._file.get(key)
        with suppress(TypeError, KeyError, ValueError):
            kind, *fields = kept
            return _KINDS[kind](*fields)
        return None

    def put(
        self,
        sent: ir.Message,
        sender: Participant,
        received: ir.Message,
        receiver: Participant,
        verdict: Verdict,
    ) -> None:
        """Remember a verdict."""
        key = _key(sent, sender, received, receiver)
        if key is not None:
            self._file.put(key, _fields(verdict))

    def save(self) -> None:
        """Remember this run."""
        self._file.save()


def _fields(verdict: Verdict) -> tuple[Any, ...]:
    if isinstance(verdict, Proven):
        return "Proven", verdict.is_declared_only, verdict.undeclared
    if isinstance(verdict, Refuted):
        return "Refuted", verdict.part, verdict.witness, verdict.reason
    return "Unknown", verdict.part


def _key(
    sent: ir.Message, sender: Participant, received: ir.Message, receiver: Participant
) -> str | None:
    """None where a side may change without a sign of it."""
    if not sender.digest or not receiver.digest:
        return None
    sides = (sender.digest, sent.name, receiver.digest, received.name)
    return hashlib.sha256(repr(sides).encode()).hexdigest()
