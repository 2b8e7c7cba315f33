"""Which database sessions the unit of work has, and how a handler finds its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from jararaca.errors import NoSessionError
from jararaca.handlers.current_work import current_work

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


class SessionHolder(Protocol):
    """One unit of work's part in one database."""

    def session(self) -> AsyncSession:
        """The session, opened at the first call. Raises NoSessionError after the unit's end."""


current_sessions: ContextVar[Mapping[str | None, SessionHolder]] = ContextVar(
    "jararaca_sessions", default=MappingProxyType({})
)


def use_session(name: str | None = None) -> AsyncSession:
    """The database session of this unit of work; `name` chooses among several databases.

    It is opened at the first call, committed when the unit of work has succeeded and rolled back
    when it failed. One unit has one session: two of its tasks must not use it at the same time.
    Raises NoSessionError outside of a unit of work, or where there is no such database.
    """
    sessions = current_sessions.get()
    holder = sessions.get(name)
    if holder is None:
        raise NoSessionError(_missing(name, sessions))
    return holder.session()


def _missing(name: str | None, sessions: Mapping[str | None, SessionHolder]) -> str:
    if current_work.get() is None:
        return (
            "no unit of work is active here: call use_session() in a message handler, in a request "
            "or a scheduled run, or inside `async with host.unit_of_work():`"
        )
    if not sessions:
        return (
            "this application has no database: give it one, "
            "Microservice(..., integrations=[Database(url)])"
        )
    wanted = "without a name" if name is None else f"named {name!r}"
    known = ", ".join("one without a name" if each is None else repr(each) for each in sessions)
    return f"there is no database {wanted}; known: {known}"
