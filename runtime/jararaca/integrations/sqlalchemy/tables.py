"""The tables of the outbox, the inbox and the offsets of streams, for the handler's database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    inspect,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

metadata = MetaData()
"""For Alembic: `target_metadata = [Base.metadata, jararaca.integrations.sqlalchemy.metadata]`."""

OUTBOX = Table(
    "jararaca_outbox",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True),
    Column("message_id", Text),
    Column("name", Text),
    Column("exchange", Text, nullable=False),
    Column("routing_key", Text, nullable=False),
    # Properties, headers and flags, as JSON.
    Column("envelope", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    # When its delay is over.
    Column("deliver_at", DateTime(timezone=True)),
    # How often the broker refused it, why, when it is tried again, and when it was given up.
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("available_at", DateTime(timezone=True)),
    Column("parked_at", DateTime(timezone=True)),
    # A number is never given twice: what is deleted was sent, and nothing else.
    sqlite_autoincrement=True,
)
REFUSED = OUTBOX.c.available_at.is_not(None)
Index(
    "jararaca_outbox_refused",
    OUTBOX.c.routing_key,
    OUTBOX.c.available_at,
    postgresql_where=REFUSED,
    sqlite_where=REFUSED,
)

INBOX = Table(
    "jararaca_inbox",
    metadata,
    # Queue, handler and message id.
    Column("key", Text, primary_key=True),
    Column("handled_at", DateTime(timezone=True), nullable=False, index=True),
)

OFFSETS = Table(
    "jararaca_stream_offsets",
    metadata,
    # What the offset is stored under: the handler's queue, or a name of its own.
    Column("name", Text, primary_key=True),
    Column("stream", Text, nullable=False),
    # Of the last message that was handled.
    Column("position", BigInteger, nullable=False),
    # How often the next one was begun, and its process ended.
    Column("strikes", Integer, nullable=False, server_default="0"),
    Column("stored_at", DateTime(timezone=True), nullable=False),
)

OF_OUTBOX = (INBOX, OUTBOX)

DIALECTS = {"postgresql": postgresql.dialect, "sqlite": sqlite.dialect}
CREATION = text("SELECT pg_advisory_xact_lock(hashtext('jararaca_outbox'))")


def ddl(dialect: str) -> str:
    """The statements that make the tables, for `postgresql` or `sqlite`."""
    chosen = DIALECTS[dialect]()
    statements: list[CreateTable | CreateIndex] = []
    for table in metadata.sorted_tables:
        statements.append(CreateTable(table))
        statements += [CreateIndex(index) for index in table.indexes]
    texts = [str(statement.compile(dialect=chosen)).strip() for statement in statements]
    return ";\n\n".join(texts) + ";\n"


def create(connection: Connection, ours: Sequence[Table], *more: MetaData) -> None:
    """Make the tables that are missing, ours and others; processes take turns at it."""
    if connection.dialect.name == "postgresql":
        connection.execute(CREATION)
    metadata.create_all(connection, tables=[*ours])
    for each in more:
        each.create_all(connection)


def missing(connection: Connection, ours: Sequence[Table] = OF_OUTBOX) -> list[str]:
    """Which of our tables are not there."""
    there = inspect(connection)
    return [table.name for table in ours if not there.has_table(table.name)]
