"""Publishing for a page: an event or a task until its confirm, a request until its answer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jararaca.dev.catalogue import Catalogue
from jararaca.dev.checking import Asked
from jararaca.dev.watching import DESK, Watching
from jararaca.errors import (
    DecodeError,
    JararacaError,
    NoHandlerError,
    RequestFailedError,
    RequestTimeoutError,
    UnroutableError,
)
from jararaca.messages.base_message import to_json
from jararaca.messages.message import Message
from jararaca.publishing.confirming import send
from jararaca.publishing.requests import request
from jararaca.transport import Delivery, Publication, Transport

SECONDS = 30.0
MOST_SECONDS = 600.0
ENDINGS: tuple[tuple[type[JararacaError], str], ...] = (
    (RequestTimeoutError, "timeout"),
    (NoHandlerError, "nobody"),
    (RequestFailedError, "failed"),
    (JararacaError, "error"),
)
"""How a publication ends that did not go well, by what it raised."""

Result = dict[str, Any]


class Sender:
    """Sends what a page has asked for, and says what came of it; awaited in the worker's loop."""

    def __init__(self, transport: Transport, catalogue: Catalogue, watching: Watching) -> None:
        self._transport = transport
        self._catalogue = catalogue
        self._watching = watching

    async def send(self, asked: Asked, publication: Publication, seconds: float) -> Result:
        """Publish; a request waits so many seconds for its answer."""
        noted = self._watching.noted(publication, DESK)
        begun = time.perf_counter()
        result: Result = {"id": publication.properties.message_id, "topic": publication.routing_key}
        try:
            if asked.kind.MESSAGE_REPLIES:
                answer = await request(self._transport, noted, seconds)
                result |= {"ended": "answered", "answer": self._answer(asked.kind, answer)}
            else:
                result |= {"ended": "confirmed", "heard": await self._publish(noted)}
        except JararacaError as error:
            ended = next(word for kind, word in ENDINGS if isinstance(error, kind))
            result |= {"ended": ended, "reason": str(error)}
        return {**result, "spent": (time.perf_counter() - begun) * 1_000}

    async def _publish(self, publication: Publication) -> bool:
        """Whether any queue received it: an event that none does is confirmed all the same."""
        try:
            await send(self._transport, replace(publication, mandatory=True))
        except UnroutableError:
            if publication.mandatory:
                raise
            return False
        return True

    def _answer(self, kind: type[Message], answer: Delivery) -> Mapping[str, Any]:
        """An answer as a page shows it, held against the classes that may answer."""
        name = answer.properties.type
        told: Result = {"name": name, "error": None}
        try:
            decoded: object = kind.decode_reply(answer)
            if decoded is None and (known := self._catalogue.known_as(name, "")[0]) is not None:
                decoded = self._catalogue.kinds[known].decode(answer.body)
        except DecodeError as error:
            return {**told, "error": str(error), "body": answer.body.decode(errors="replace")}
        if isinstance(decoded, Message):
            return {**told, "kind": type(decoded).__name__, "body": to_json(decoded).decode()}
        return {**told, "body": answer.body.decode(errors="replace")}
