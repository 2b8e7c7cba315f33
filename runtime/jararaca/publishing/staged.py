"""The publisher of a unit of work: what it is given goes out once the work has succeeded."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

from jararaca.publishing.batches import MAX_IN_FLIGHT, publish_all
from jararaca.publishing.confirming import NotSentError, send
from jararaca.publishing.transport_publisher import TransportPublisher
from jararaca.transport import Publication, Transport, forked


class StagedPublisher(TransportPublisher):
    """A handler's publisher: keeps publications until the handler has succeeded.

    A message is encoded when it is published, so that later changes do not reach it. In a task
    that goes on after the work has ended it is sent at once, with the errors that this has. One
    that is `quiet` keeps nothing: its message is replayed, and others have had what came of it.
    """

    def __init__(self, transport: Transport, app_id: str | None = None) -> None:
        self._transport = transport
        self.app_id = app_id
        self._staged: list[tuple[float, Publication]] = []
        self.ended = False
        self.quiet = False

    async def _send(self, publication: Publication) -> None:
        if self.quiet:
            if publication.told is not None:
                publication.told(None)
        elif self.ended:
            await send(self._transport, publication)
        else:
            forked.check_own()
            self._staged.append((monotonic(), publication))

    def stage(self, publication: Publication) -> None:
        """Stage what is a publication already: the answer to a request."""
        self._staged.append((monotonic(), publication))

    @property
    def staged(self) -> int:
        """How many publications wait for the handler to succeed."""
        return len(self._staged)

    def take(self) -> list[Publication]:
        """Hand over what is staged, in order: an outbox sends it instead."""
        taken = [_now(*staged) for staged in self._staged]
        self._staged.clear()
        for each in taken:
            if each.told is not None:
                each.told(None)
        return taken

    def drop(self) -> None:
        """Forget what is staged: the handler failed."""
        dropped, self._staged = self._staged, []
        for _, each in dropped:
            if each.told is not None:
                each.told(NotSentError("the work that published it failed"))

    async def flush(self) -> None:
        """Send what is staged, in order, each confirmed; what was sent is not sent again."""
        while batch := self._staged[:MAX_IN_FLIGHT]:
            outcomes = await publish_all(self._transport, [_now(*staged) for staged in batch])
            unsent = [staged for staged, error in zip(batch, outcomes, strict=True) if error]
            self._staged[: len(batch)] = unsent
            if unsent:
                raise next(error for error in outcomes if error)


def _now(staged_at: float, publication: Publication) -> Publication:
    """A delay counts from when the handler asked for it, not from when the handler ended."""
    if not publication.delay:
        return publication
    return replace(publication, delay=max(0.0, publication.delay - (monotonic() - staged_at)))
