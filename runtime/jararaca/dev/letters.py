"""The dead letters of the application, for a page: looking at them, and replaying them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jararaca.application.microservice import Microservice
from jararaca.dev.catalogue import Catalogue
from jararaca.dev.checking import Asked, NotAskedWellError
from jararaca.dev.journal import MOST_OF_A_BODY
from jararaca.errors import JararacaError, QueueNotFoundError
from jararaca.messages.base_message import to_json
from jararaca.operations.dead_letter import DeadLetter
from jararaca.operations.dead_letters import Filter, list_dead_letters, replay
from jararaca.operations.letter_places import every_place, place_of
from jararaca.operations.replay.command import replay_command
from jararaca.printable import printable, printable_lines
from jararaca.transport import Transport

MOST_LETTERS = 200


class Letters:
    """Reads and replays dead letters; awaited in the worker's loop."""

    def __init__(
        self, transport: Transport, microservice: Microservice, catalogue: Catalogue
    ) -> None:
        self._transport = transport
        self._catalogue = catalogue
        self._services = microservice.services
        self._topologies = [service.topology for service in microservice.services]

    async def listed(self, most: int = MOST_LETTERS) -> Mapping[str, Any]:
        """The oldest dead letters, and how many there are in each queue that has any."""
        counted: dict[str, int] = {}
        found: list[DeadLetter] = []
        for queue, place in every_place(self._topologies):
            number = 0
            for each in place.queues:
                try:
                    number += await self._transport.count(each)
                except QueueNotFoundError:
                    continue
            if not number:
                continue
            counted[queue] = number
            left = most - len(found)
            if left > 0:
                found += await list_dead_letters(self._transport, place, limit=left)
        return {"queues": counted, "letters": [self._shown(each) for each in found]}

    async def replay(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put letters back: the one of an id, perhaps with another body, or all of a queue.

        Raises NotAskedWellError, and what replaying raises.
        """
        queue, id, body = (request.get(name) for name in ("queue", "id", "body"))
        if not isinstance(queue, str) or not isinstance(id, str | None):
            raise NotAskedWellError("not a request of this page: no queue")
        if body is not None and (not isinstance(body, str) or id is None):
            raise NotAskedWellError("not a request of this page: a body is for one letter")
        refused: list[str] = []

        async def edit(letter: DeadLetter) -> bytes | None:
            assert isinstance(body, str)
            problems = self._problems(letter, body)
            refused.extend(problems)
            return None if problems else body.encode()

        done = await replay(
            self._transport,
            place_of(queue, self._topologies),
            Filter((id,) if id is not None else ()),
            limit=1 if id is not None else None,
            refused=lambda letter, error: refused.append(str(error)),
            edit=None if body is None else edit,
        )
        if not done and not refused and id is not None:
            refused.append("it is no longer there")
        return {"replayed": done, "refused": [printable(each) for each in refused]}

    def _problems(self, letter: DeadLetter, body: str) -> Sequence[str]:
        """Why a body is not one of the letter's message; nothing where that is not known."""
        known, _ = self._catalogue.known_as(letter.name, letter.topic)
        if known is None:
            return []
        found = Asked(self._catalogue.kinds[known], body, {}, {}).problems()
        return [f"{each.place}: {each.text}" if each.place else each.text for each in found]

    def _shown(self, letter: DeadLetter) -> Mapping[str, Any]:
        known, _ = self._catalogue.known_as(letter.name, letter.topic)
        at = letter.dead_lettered_at
        body = self._body(letter, known)
        return {
            "queue": printable(letter.queue),
            "id": letter.message_id,
            "name": printable(letter.name or ""),
            "message": known,
            "topic": printable(letter.topic),
            "reason": printable(letter.reason),
            "handler": printable(letter.handler or ""),
            "attempts": letter.attempts,
            "at": at.timestamp() * 1_000 if at else None,
            "traceback": printable_lines(letter.traceback or ""),
            "body": body[:MOST_OF_A_BODY],
            "length": len(body),
            "since": replay_command(self._services, [letter]),
        }

    def _body(self, letter: DeadLetter, known: str | None) -> str:
        """A body as a text; of another form than JSON, where its class can read it."""
        body = letter.delivery.body
        kind = self._catalogue.kinds[known] if known is not None else None
        try:
            if kind is not None and "json" not in kind.MESSAGE_CONTENT_TYPE:
                return to_json(kind.decode(body)).decode()
            return body.decode()
        except (JararacaError, ValueError):
            return f"({len(body)} bytes that are no text)"
