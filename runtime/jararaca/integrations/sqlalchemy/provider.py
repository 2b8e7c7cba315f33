"""The session as something that controllers and endpoints may ask for, by its type."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from jararaca.application.injection.dishka import Provider, Scope
from jararaca.application.sessions import use_session


def session() -> AsyncSession:
    """What `use_session()` finds."""
    return use_session()


def session_provider() -> Provider:
    """Gives `AsyncSession`, one a unit of work."""
    provider = Provider()
    provider.provide(session, scope=Scope.REQUEST)
    return provider
