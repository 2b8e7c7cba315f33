"""One unit of work's part in a database: its session, its commit and its rollback."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextvars import Token
from types import TracebackType
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from jararaca.application.progress import Offsets, Progress
from jararaca.application.sessions import SessionHolder, current_sessions
from jararaca.application.unit_of_work import Work
from jararaca.errors import NoSessionError
from jararaca.integrations.sqlalchemy import inbox, offsets
from jararaca.integrations.sqlalchemy.outbox import table


class SessionDatabase(Protocol):
    """What a session needs to know of its database."""

    engine: AsyncEngine
    name: str | None
    outbox: bool
    offsets: Offsets | None

    def exchange(self, work: Work) -> str:
        """The service's own exchange, as this process knows it."""

    def wake(self) -> None:
        """Have the outbox sent at once."""


class UnitOfWorkSession:
    """Opens a session when it is first asked for; with an outbox, keeps what was published too."""

    __slots__ = ("_database", "_over", "_recorded", "_session", "_token", "_work")

    def __init__(self, database: SessionDatabase, work: Work) -> None:
        self._database = database
        self._work = work
        self._session: AsyncSession | None = None
        self._recorded = False
        self._over = False
        self._token: Token[Mapping[str | None, SessionHolder]] | None = None

    def session(self) -> AsyncSession:
        """The session, opened at the first call. Raises NoSessionError after the unit's end."""
        if self._over:
            raise NoSessionError(
                "the unit of work and its session have ended: await the task that uses it "
                "before the handler returns, or give it `async with host.unit_of_work():`"
            )
        if self._session is None:
            self._session = AsyncSession(self._database.engine, expire_on_commit=False)
        return self._session

    async def __aenter__(self) -> None:
        work, database = self._work, self._database
        if database.outbox and work.once is not None:
            await inbox.refuse_known(database.engine, work.once)
        work.on_commit(self._commit)
        work.on_rollback(self._roll_back)
        self._token = current_sessions.set({**current_sessions.get(), database.name: self})

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._token is not None:
            current_sessions.reset(self._token)
        self._over = True
        if self._session is not None:
            # Shielded: a worker that ends must not leave a connection half given back.
            await asyncio.shield(self._session.close())

    async def _commit(self) -> None:
        staged = self._work.publisher.take() if self._database.outbox else []
        once = self._work.once if self._database.outbox and not self._recorded else None
        progress = self._progress()
        if staged or once is not None or progress is not None:
            # What the handler left unwritten fails first, as the handler's own error.
            await self.session().flush()
        if once is not None:
            await inbox.record(self.session(), once)
        if progress is not None:
            await offsets.record(self.session(), progress)
        if staged:
            await table.put(self.session(), staged, self._database.exchange(self._work))
        if self._session is not None:
            await self._session.commit()
            self._recorded = True
        if staged:
            self._database.wake()

    def _progress(self) -> Progress | None:
        """How far a stream is read with this work, where that is stored here."""
        stored = self._database.offsets is not None and not self._recorded
        return self._work.progress if stored else None

    async def _roll_back(self) -> None:
        if self._session is not None:
            await self._session.rollback()
