"""Which of the heard messages are kept, masked, and how many are left out for which reason."""

from __future__ import annotations

import secrets
from collections import Counter

from jararaca_shared.recording import RecordedMessage, line_of

from jararaca_compiler.observing.body import NoJson, json_of
from jararaca_compiler.observing.contract import ObservedContract
from jararaca_compiler.observing.matching import Matcher
from jararaca_compiler.observing.observer import Heard
from jararaca_compiler.observing.recording.masking import masked

MOST_BYTES = 1024**3
"""How large a recording grows."""

UNDECLARED = "no document declares it"
NO_JSON = "its body is no JSON"
UNMASKABLE = "no disguise is as valid as it was"
FULL = "the recording is full"


class Recorder:
    """Makes the lines of a recording; the key of its disguises is thrown away with it."""

    def __init__(self, contract: ObservedContract, most_bytes: int = MOST_BYTES) -> None:
        self._matcher = Matcher(contract)
        self._key = secrets.token_bytes(32)
        self._left = most_bytes
        self.kept = 0
        self.left_out: Counter[str] = Counter()

    def line(self, heard: Heard) -> str | None:
        """The line of a message; None where it is left out."""
        found = self._recorded(heard)
        if isinstance(found, str):
            self.left_out[found] += 1
            return None
        line = line_of(found)
        if len(line) >= self._left:
            self.left_out[FULL] += 1
            return None
        self._left -= len(line) + 1
        self.kept += 1
        return line

    def _recorded(self, heard: Heard) -> RecordedMessage | str:
        """What is kept, or why nothing is."""
        properties = heard.properties
        body = json_of(heard.body, properties.content_encoding)
        match = self._matcher.match(heard.exchange, heard.routing_key, properties.type, body)
        if not match.candidates:
            return UNDECLARED
        channel, message = match.candidates[0]
        if isinstance(body, NoJson) or not message.is_json:
            return NO_JSON
        kept = masked(channel, message, heard.routing_key, heard.headers, body, self._key)
        if kept is None:
            return UNMASKABLE
        topic, headers, value = kept
        return RecordedMessage(
            exchange=heard.exchange,
            routing_key=topic,
            type=properties.type,
            body=value,
            message=f"{message.service}.{message.name}",
            at=heard.at.isoformat(timespec="milliseconds"),
            message_id=properties.message_id,
            correlation_id=properties.correlation_id,
            headers=headers,
        )
