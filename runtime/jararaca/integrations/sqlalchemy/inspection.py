"""How a database stands, for `jararaca doctor`: looked at, and nothing made or changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jararaca.errors import DatabaseUnreachableError
from jararaca.integrations.sqlalchemy import tables
from jararaca.integrations.sqlalchemy.database import Database
from jararaca.integrations.sqlalchemy.engine import reaching, shown
from jararaca.integrations.sqlalchemy.outbox.status import Status, status


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """`unreached` says why the database does not answer; `outbox` is None where there is none.

    `is_new` is a file of SQLite's that the first start makes.
    """

    url: str
    unreached: str | None = None
    is_new: bool = False
    missing: tuple[str, ...] = ()
    outbox: Status | None = None


async def inspect_database(database: Database) -> DatabaseState:
    """Look at a database that no application has started."""
    url = shown(database.engine.url)
    if _is_new(database):
        return DatabaseState(url, is_new=True)
    try:
        async with reaching(database.engine):
            return await _inspect_tables(database, url)
    except DatabaseUnreachableError as error:
        return DatabaseState(url, unreached=str(error))
    finally:
        await database.engine.dispose()


async def _inspect_tables(database: Database, url: str) -> DatabaseState:
    async with database.engine.connect() as connection:
        missing = await connection.run_sync(tables.missing) if database.outbox else []
    has_outbox = database.outbox and not missing
    outbox = await status(database.engine) if has_outbox else None
    return DatabaseState(url, missing=tuple(missing), outbox=outbox)


def _is_new(database: Database) -> bool:
    """Whether to connect would make an empty file."""
    url = database.engine.url
    name = url.database
    if url.get_backend_name() != "sqlite" or not name or name == ":memory:":
        return False
    return not name.startswith("file:") and not Path(name).exists()
