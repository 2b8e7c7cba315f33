"""Recordings of messages, as JSON lines: `jararaca observe --record` writes, the testing kit reads.

The first line says what the file is. Each further line is one message, masked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

FORMAT = 1
MARK = "jararaca-recording"


class RecordingError(Exception):
    """A file is no recording, or a line of it cannot be read; the text says which."""


@dataclass(frozen=True, slots=True)
class RecordedMessage:
    """One message: where it was published, and what with; `body` is its JSON value.

    `message` is what the contract calls it, `at` when it was heard (ISO 8601).
    """

    exchange: str
    routing_key: str
    type: str | None
    body: Any
    message: str = ""
    at: str = ""
    message_id: str | None = None
    correlation_id: str | None = None
    headers: Mapping[str, Any] = field(default_factory=dict)


def head_line(source: str, since: str) -> str:
    """The first line of a recording."""
    return json.dumps({MARK: FORMAT, "source": source, "since": since})


def line_of(message: RecordedMessage) -> str:
    """A message on a line."""
    return json.dumps(asdict(message), separators=(",", ":"))


def messages_in(lines: Iterable[str]) -> Iterator[RecordedMessage]:
    """The messages of a recording, one by one. Raises RecordingError."""
    numbered = enumerate(lines, 1)
    _, first = next(numbered, (0, ""))
    head = _read(first, 1)
    if not isinstance(head, dict) or MARK not in head:
        raise RecordingError("it is no recording: `jararaca observe --record FILE` makes one")
    if head[MARK] != FORMAT:
        raise RecordingError(f"it has the format {head[MARK]}, and this version reads {FORMAT}")
    for number, line in numbered:
        if line.strip():
            yield _message(_read(line, number), number)


def _read(line: str, number: int) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        if number == 1:
            return None
        raise RecordingError(f"line {number} is no JSON: the recording is damaged") from None


def _message(found: Any, number: int) -> RecordedMessage:
    try:
        made = RecordedMessage(**found)
    except TypeError:
        raise RecordingError(f"line {number} is no message of a recording") from None
    texts = (made.exchange, made.routing_key, made.message, made.at)
    maybe = (made.type, made.message_id, made.correlation_id)
    if not all(isinstance(each, str) for each in texts) or not isinstance(made.headers, dict):
        raise RecordingError(f"line {number} is no message of a recording")
    if not all(each is None or isinstance(each, str) for each in maybe):
        raise RecordingError(f"line {number} is no message of a recording")
    return made
