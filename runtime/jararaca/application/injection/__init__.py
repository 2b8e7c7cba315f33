"""What providers give: found once at start, made for the application or for one unit of work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar, overload

from jararaca.application.unit_of_work import Work
from jararaca.errors import NoProviderError

T = TypeVar("T")


class Scope(Protocol):
    """What can be had in one unit of work."""

    async def get(self, kind: Any) -> Any:
        """One of `kind`; the same within the unit of work. Raises NoProviderError."""


class Wiring(Protocol):
    """The controllers and providers of an application, put together."""

    def call(
        self, controller: type[Any], method: Callable[..., Awaitable[Any]]
    ) -> Callable[[Any], Awaitable[Any]] | None:
        """A method on its controller; None where the controller is a plain one."""

    def around(self, work: Work) -> AbstractAsyncContextManager[Any]:
        """What is made for one unit of work, and let go of at its end."""

    async def start(self) -> None:
        """Make the controllers that live as long as the application."""

    async def stop(self) -> None:
        """Let go of what was made for the application."""


current_scope: ContextVar[Scope | None] = ContextVar("jararaca_scope", default=None)


@overload
async def use(kind: type[T]) -> T: ...


@overload
async def use(kind: Any) -> Any: ...


async def use(kind: Any) -> Any:
    """What a provider gives for `kind`, in this unit of work: for code outside of constructors.

    Raises NoProviderError where nothing gives it, or outside of a unit of work.
    """
    scope = current_scope.get()
    if scope is None:
        raise NoProviderError(
            f"use({getattr(kind, '__qualname__', kind)}) finds what Microservice(providers=[...]) "
            "gives inside a unit of work: a handler, a request, or "
            "`async with host.unit_of_work():`"
        )
    return await scope.get(kind)
