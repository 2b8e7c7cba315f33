"""A database of the application: a session for each unit of work, and the outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import MetaData, text
from sqlalchemy.pool import QueuePool

from jararaca.application.host import Host
from jararaca.application.integration import Integration, Measure
from jararaca.application.unit_of_work import Work
from jararaca.errors import ConfigurationError
from jararaca.handlers.decorators import spec_of
from jararaca.integrations.sqlalchemy import tables
from jararaca.integrations.sqlalchemy.engine import engine_for, reaching, reason, shown
from jararaca.integrations.sqlalchemy.offsets import OffsetsInDatabase
from jararaca.integrations.sqlalchemy.outbox import table
from jararaca.integrations.sqlalchemy.outbox.relay import Relay
from jararaca.integrations.sqlalchemy.session import UnitOfWorkSession

DEFAULT_URL = "sqlite+aiosqlite:///jararaca.db"


class Database(Integration):
    """Gives each unit of work a session, which `use_session()` finds; commits it, or rolls back.

    `url` is PostgreSQL's (asyncpg) or SQLite's (aiosqlite, the embedded default). `name` tells
    several databases apart. With `outbox` what is published becomes rows of the same transaction,
    which a relay sends, and idempotent handlers have their record there; one database of an
    application has it. Handlers that read streams have their offsets there, or in the first
    database where none has an outbox. `relay` False leaves the sending to other processes.
    `create_tables` makes missing tables at the start: the outbox's, and those of a MetaData of
    yours. `engine_options` are those of SQLAlchemy's create_async_engine (`pool_size`, 20).
    Raises ConfigurationError for a URL that cannot be used.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        name: str | None = None,
        outbox: bool = False,
        relay: bool = True,
        create_tables: bool | MetaData = False,
        **engine_options: Any,
    ) -> None:
        self.engine = engine_for(url, engine_options)
        self.name = name
        self.outbox = outbox
        self.record = f"{tables.INBOX.name} of {shown(self.engine.url)}" if outbox else None
        self._relays = outbox and relay
        self._create_tables = create_tables
        self._running: dict[Host, Relay | None] = {}

    async def start(self, host: Host) -> None:
        """Connect once, to tell early; then the relay begins.

        Raises DatabaseUnreachableError, and ConfigurationError where tables are missing.
        """
        _only_one(host)
        if _keeps_offsets(self, host):
            self.offsets = OffsetsInDatabase(self.engine)
        await self.prepare()
        self._running[host] = relay = Relay(self.engine, host.transport) if self._relays else None
        if relay is not None:
            relay.start()

    async def stop(self) -> None:
        """Stop the relay of the host that stops; the last one closes the connections."""
        for host in [each for each in self._running if each.stopping.is_set()]:
            relay = self._running.pop(host)
            if relay is not None:
                await relay.stop()
        if not self._running:
            await self.engine.dispose()

    def around(self, work: Work) -> AbstractAsyncContextManager[None]:
        """A session for the unit of work, opened when it is asked for."""
        return UnitOfWorkSession(self, work)

    @property
    def providers(self) -> Sequence[Any]:  # type: ignore[override]
        """`AsyncSession`, for controllers and endpoints; of the database without a name."""
        if self.name is not None:
            return ()
        from jararaca.integrations.sqlalchemy.provider import session_provider

        return (session_provider(),)

    async def idle(self) -> bool:
        """Whether the relay has sent all that is due; true where other processes have the relay."""
        if not any(self._running.values()):
            return True
        async with self.engine.connect() as connection:
            return not await table.due(connection, datetime.now(UTC))

    @property
    def relays(self) -> bool:
        """Whether its relay runs in the application's own processes."""
        return self._relays

    async def measured(self) -> Sequence[Measure]:
        """What waits in the outbox, and for how long."""
        if not self.outbox:
            return ()
        from jararaca.integrations.sqlalchemy.outbox.status import counted

        return await counted(self.engine)

    async def unready(self) -> str | None:
        """Whether the database answers; not asked while it is busy, for then it does."""
        pool = self.engine.pool
        if isinstance(pool, QueuePool) and pool.checkedout() >= pool.size():
            return None
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except Exception as error:
            return f"the database {shown(self.engine.url)} does not answer ({reason(error)})"
        return None

    async def prepare(self) -> None:
        """Reach the database, and see to it that the tables are there."""
        async with reaching(self.engine), self.engine.begin() as connection:
            more = [self._create_tables] if isinstance(self._create_tables, MetaData) else []
            ours = [*tables.OF_OUTBOX] if self.outbox else []
            ours += [tables.OFFSETS] if self.offsets is not None else []
            if self._create_tables:
                await connection.run_sync(tables.create, ours, *more)
            missing = await connection.run_sync(tables.missing, ours) if ours else []
        if missing:
            raise ConfigurationError(
                f"{shown(self.engine.url)} has no table {' and no '.join(missing)}: run what "
                "`jararaca outbox ddl` prints, add jararaca.integrations.sqlalchemy.metadata to "
                "Alembic's target_metadata, or say Database(..., create_tables=True)"
            )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """The database without a host, for tools. Raises what `start` raises."""
        try:
            await self.prepare()
            yield
        finally:
            await self.engine.dispose()

    def exchange(self, work: Work) -> str:
        """The service's own exchange, as this process knows it."""
        assert work.host is not None
        return work.host.transport.exchange

    def wake(self) -> None:
        """Have the relays of this process send at once: one of them has its turn."""
        for relay in self._running.values():
            if relay is not None:
                relay.wake()


def _keeps_offsets(database: Database, host: Host) -> bool:
    """Whether handlers of the application read streams, and their offsets are kept here."""
    if all(spec_of(route.handler).stream is None for route in host.microservice.routes):
        return False
    databases = [each for each in host.microservice.integrations if isinstance(each, Database)]
    return database is next((each for each in databases if each.outbox), databases[0])


def _only_one(host: Host) -> None:
    """One transaction keeps what is published: with two outboxes, which would it be?"""
    databases = [each for each in host.microservice.integrations if isinstance(each, Database)]
    if sum(each.outbox for each in databases) > 1:
        raise ConfigurationError(
            "two databases have outbox=True: an application can have only one outbox"
        )
    if len({each.name for each in databases}) < len(databases):
        raise ConfigurationError(
            "two databases have the same name: give one another name, Database(..., name='reports')"
        )
