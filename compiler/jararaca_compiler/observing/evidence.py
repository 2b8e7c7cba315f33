"""What an observation says about a change of the contract: how often it was used, not a verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from jararaca_compiler.compat.change import Change
from jararaca_compiler.diagnostics.plurals import count
from jararaca_compiler.observing.report import FORMAT

_WORD = re.compile(r"[^\W_]+")


class EvidenceError(Exception):
    """A file is no report of an observation; the text says what to give."""


class Evidence:
    """A report, asked about changes."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        self._report = report
        self._messages: dict[str, list[Mapping[str, Any]]] = {}
        for each in report["messages"]:
            self._messages.setdefault(_plain(str(each["message"])), []).append(each)

    def about(self, change: Change) -> str | None:
        """A sentence; None where the observation knows nothing of what has changed."""
        name, _, place = change.subject.partition(".")
        found = self._messages.get(_plain(name))
        if found is None:  # `shop.OrderPlaced.vat`, where there are several services.
            name, _, place = place.partition(".")
            found = self._messages.get(_plain(name))
        if not found:
            return None
        seen = sum(int(each["seen"]) for each in found)
        if seen == 0:
            return f"Observed: nobody sent {name} {self._when()}."
        used = self._used(found, place, change.message)
        if used is None:
            return f"Observed: {count(seen, 'message')} {self._when()}."
        what, times = used
        share = "none" if times == 0 else f"{times}"
        return f"Observed: {share} of {count(seen, 'message')} had {what} {self._when()}."

    @staticmethod
    def _used(found: Sequence[Mapping[str, Any]], place: str, text: str) -> tuple[str, int] | None:
        """A value of an enum that the change names, else the field, and how many had it."""
        for each in found:
            for value in each["values"].get(place, ()):
                if json.dumps(value) in text:
                    times = (e["values"].get(place, {}).get(value, 0) for e in found)
                    return f"`{value}`", sum(times)
        known = [each["fields"][place] for each in found if place in each["fields"]]
        return (f"`{place}`", sum(map(int, known))) if known else None

    def _when(self) -> str:
        told = self._report
        text = f"from {str(told['since'])[:16]} to {str(told['until'])[:16]}"
        if told["sample"] < 1:
            text += f", {100 * told['sample']:g}% of the time"
        if told["dropped"] != 0 or told["deaf_seconds"]:
            text += ", and not all was heard"
        return text


def read_evidence(text: str) -> Evidence:
    """The report in the last line that `jararaca observe --json` has written.

    Raises EvidenceError.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        found = json.loads(lines[-1])["report"]
        if found["format"] != FORMAT:
            raise EvidenceError(f"its format is {found['format']}, and this version reads {FORMAT}")
        evidence = Evidence(found)
        evidence._when()
    except (ValueError, KeyError, IndexError, TypeError, RecursionError, AttributeError):
        raise EvidenceError(
            "it is no report: `jararaca observe --json FILE` writes one, which is whole once the "
            "observation has ended"
        ) from None
    return evidence


def with_evidence(changes: Sequence[Change], evidence: Evidence) -> list[Change]:
    """The same changes, with what was observed beside why they break whom they break."""
    return [_told(each, evidence.about(each)) for each in changes]


def _told(change: Change, sentence: str | None) -> Change:
    if sentence is None:
        return change
    return replace(change, why=f"{change.why} {sentence}".strip())


def _plain(name: str) -> str:
    """Without what differs between a document and its classes."""
    return "".join(_WORD.findall(name)).lower()
