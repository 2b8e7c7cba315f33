"""What the desk notes of an application: each publication with its cause, each try of a handler."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from jararaca.application.integration import Integration
from jararaca.application.unit_of_work import Work
from jararaca.contract.exception_types import described
from jararaca.dev.catalogue import Catalogue
from jararaca.dev.journal import Journal
from jararaca.errors import JararacaError, UnroutableError
from jararaca.handlers.outcome import Handled
from jararaca.handling.redelivery import attempt_of
from jararaca.messages.base_message import to_json
from jararaca.messages.message import Message
from jararaca.printable import printable
from jararaca.publishing.carried_headers import outgoing
from jararaca.publishing.confirming import NotSentError
from jararaca.transport import Delivery, Properties, Publication

Entry = dict[str, Any]
Told = Callable[[BaseException | None], None]
DESK: Entry = {"by": "the desk"}
MOST_KNOWN = 300
"""Messages whose body a page has already: the next entries about them go without. The journal keeps
their first entries for longer."""

MOST_HEADERS = 20_000
_begun: ContextVar[float | None] = ContextVar("jararaca_desk_begun", default=None)


class Watching(Integration):
    """Stands innermost around each unit of work, and hears what becomes of each delivery."""

    def __init__(self, catalogue: Catalogue, journal: Journal) -> None:
        self._catalogue = catalogue
        self._journal = journal
        self._known: OrderedDict[str, None] = OrderedDict()
        self._unnamed = 0
        self.listener = self.heard

    def around(self, work: Work) -> AbstractAsyncContextManager[Any]:
        """Note what is published inside, and by what."""
        return self._watched(work)

    def noted(self, publication: Publication, cause: Entry) -> Publication:
        """The publication, of which an entry is made once it is known what became of it."""
        before = publication.told

        def told(error: BaseException | None) -> None:
            if before is not None:
                before(error)
            self._sent(publication, cause, error)

        return replace(publication, told=told)

    def heard(self, handled: Handled) -> None:
        """Note how a try ended: the worker's listener."""
        delivery, begun = handled.delivery, _begun.get()
        _begun.set(None)
        if delivery is None or handled.outcome == "foreign":
            return
        failure = handled.error or None
        reason = handled.reason or (described(failure) if failure is not None else None)
        self._journal.note(
            {
                "is": "ended",
                **self._about(delivery, handled.message),
                **self._by(handled.handler, handled.queue),
                "attempt": handled.attempt,
                "outcome": handled.outcome,
                "reason": printable(reason) if reason else None,
                "delay": handled.delay,
                "violations": [" ".join(map(printable, each[1:])) for each in handled.violations],
                "spent": None if begun is None else (time.perf_counter() - begun) * 1_000,
            }
        )

    @asynccontextmanager
    async def _watched(self, work: Work) -> AsyncIterator[None]:
        message = work.message
        if message is None:
            cause: Entry = {"by": printable(work.name or work.kind)}
            if work.kind == "scheduled":
                cause["clock"] = True
        else:
            delivery = message.delivery
            attempt = attempt_of(delivery)
            cause = {"id": _id(delivery.properties), "handler": work.name, "attempt": attempt}
            _begun.set(time.perf_counter())
            if delivery.properties.message_id:
                about = self._about(delivery, message.payload())
                by = self._by(work.name, delivery.queue)
                self._journal.note({"is": "begun", **about, **by, "attempt": attempt})
        with outgoing(lambda publication: self.noted(publication, cause)):
            yield

    def _sent(self, publication: Publication, cause: Entry, error: BaseException | None) -> None:
        if isinstance(error, NotSentError):
            return
        # What nobody receives is lost only where somebody had to.
        unheard = isinstance(error, UnroutableError) and cause is DESK
        reason = None if error is None else printable(described_or_text(error))
        entry = {"is": "published", **self._about(publication), "cause": cause}
        self._journal.note({**entry, "reason": reason, "sent": error is None or unheard})

    def _by(self, handler: str | None, queue: str) -> Entry:
        service = self._catalogue.service_of(queue)
        return {"handler": handler, "queue": printable(queue), "service": service}

    def _about(self, sent: Delivery | Publication, message: Message | None = None) -> Entry:
        """Which message it is; and what is in it, the first time."""
        properties = sent.properties
        id = _id(properties)
        if id is None:
            self._unnamed += 1
            id = f"without an id, {self._unnamed}"
        entry: Entry = {"id": id, "at": time.time() * 1_000}
        if id in self._known:
            return entry
        self._known[id] = None
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        known, parameters = self._catalogue.known_as(properties.type, sent.routing_key)
        body = self._body(sent.body, known, message)
        return {
            **entry,
            "message": known,
            "name": printable(properties.type or ""),
            "topic": printable(sent.routing_key),
            "exchange": printable(sent.exchange or ""),
            "parameters": parameters,
            "headers": _shown(_theirs(sent)),
            "properties": _properties(properties),
            "body": self._journal.shortened(id, body),
            "length": len(body),
        }

    def _body(self, body: bytes, known: str | None, message: Message | None) -> str:
        """A body as JSON where it is, or can be made, a text; else a word on it."""
        try:
            if message is None and known is not None:
                kind = self._catalogue.kinds[known]
                if "json" not in kind.MESSAGE_CONTENT_TYPE:
                    message = kind.decode(body)
            return (body if message is None else to_json(message)).decode()
        except (JararacaError, ValueError):
            return f"({len(body)} bytes that are no text)"


def described_or_text(error: BaseException) -> str:
    """What went wrong, in a sentence: our own errors are one already."""
    if isinstance(error, JararacaError) or not isinstance(error, Exception):
        return str(error) or type(error).__name__
    return described(error)


def _id(properties: Properties) -> str | None:
    return printable(properties.message_id) if properties.message_id else None


def _theirs(sent: Delivery | Publication) -> Mapping[str, Any]:
    return sent.theirs if isinstance(sent, Delivery) else sent.headers


def _shown(headers: Mapping[str, Any]) -> Mapping[str, Any]:
    """Headers as a page shows them; too many are only counted."""
    own = {name: value for name, value in headers.items() if not name.startswith("x-jararaca-")}
    if len(json.dumps(own, default=str)) > MOST_HEADERS:
        return {"…": f"{len(own)} headers, too long to show"}
    return own


def _properties(given: Properties) -> Mapping[str, str]:
    named = {
        "content_type": given.content_type,
        "correlation_id": given.correlation_id,
        "reply_to": given.reply_to,
        "app_id": given.app_id,
        "timestamp": given.timestamp and given.timestamp.isoformat(),
    }
    return {name: printable(value) for name, value in named.items() if value}
