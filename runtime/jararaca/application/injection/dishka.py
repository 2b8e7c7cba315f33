"""Injection by dishka: controllers get their constructor's arguments by type, wired at start."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import Token
from types import TracebackType
from typing import Any, get_type_hints

from dishka import AsyncContainer, BaseScope, Provider, Scope, make_async_container
from dishka.exceptions import NoFactoryError

from jararaca.application.injection import Scope as UnitScope
from jararaca.application.injection import current_scope
from jararaca.application.unit_of_work import Work
from jararaca.errors import ConfigurationError, NoProviderError

__all__ = ["DishkaWiring", "Provider", "Scope"]

LASTING = (Scope.RUNTIME, Scope.APP)
HOW = "add one to Microservice(providers=[...])"


class DishkaWiring:
    """Providers and the controllers that need them; what is missing is told when it is made.

    A controller that needs only what lives as long as the application (Scope.APP) is made once, at
    start; any other once a unit of work, in which dishka's Scope.REQUEST is open, with `Work`.
    Raises ConfigurationError.
    """

    def __init__(
        self, providers: Sequence[Provider], controllers: Sequence[type[Any]] = ()
    ) -> None:
        scopes = _scopes(providers)
        ours = Provider()
        ours.from_context(Work, scope=Scope.REQUEST)
        self._scopes: dict[type[Any], BaseScope] = {}
        for kind in controllers:
            if kind not in scopes:
                arguments = _arguments(kind, scopes)
                lives = [scopes.get(hint, Scope.REQUEST) for hint in arguments.values()]
                scopes[kind] = Scope.APP if all(s in LASTING for s in lives) else Scope.REQUEST
                ours.provide(_factory(kind, arguments), scope=scopes[kind])
            self._scopes[kind] = scopes[kind]
        self._container = _container(ours, *providers)
        self._made: dict[type[Any], Any] = {}
        self._wanted: dict[type[Any], None] = {}

    def call(
        self, controller: type[Any], method: Callable[..., Awaitable[Any]]
    ) -> Callable[[Any], Awaitable[Any]] | None:
        """A method on its controller; None where the controller is a plain one."""
        kind, handler = controller, method
        if kind not in self._scopes:
            return None
        if self._scopes[kind] in LASTING:
            self._wanted[kind] = None
            made = self._made
            return lambda message: handler(made[kind], message)

        async def call(message: Any) -> Any:
            scope = current_scope.get()
            assert scope is not None
            return await handler(await scope.get(kind), message)

        return call

    def around(self, work: Work) -> AbstractAsyncContextManager[UnitScope]:
        """What is made for one unit of work; opened when something is asked for."""
        return _Unit(self._container, work)

    async def start(self) -> None:
        """Make the controllers that live as long as the application."""
        for kind in self._wanted:
            self._made[kind] = await self._container.get(kind)

    async def stop(self) -> None:
        """Let go of what was made for the application."""
        self._made.clear()
        await self._container.close()


class _Unit:
    """One unit of work's own things; costs next to nothing where none is asked for."""

    __slots__ = ("_container", "_entered", "_opened", "_token", "_work")

    def __init__(self, container: AsyncContainer, work: Work) -> None:
        self._container = container
        self._work = work
        self._entered: AbstractAsyncContextManager[AsyncContainer] | None = None
        self._opened: AsyncContainer | None = None
        self._token: Token[UnitScope | None] | None = None

    async def get(self, kind: Any) -> Any:
        """One of `kind`, the same within the unit of work. Raises NoProviderError."""
        if self._opened is None:
            # The lock: tasks of one unit of work that ask at once are given the same.
            self._entered = self._container(context={Work: self._work}, lock_factory=asyncio.Lock)
            self._opened = await self._entered.__aenter__()
        try:
            return await self._opened.get(kind)
        except NoFactoryError as error:
            raise NoProviderError(_missing(error)) from error

    async def __aenter__(self) -> UnitScope:
        self._token = current_scope.set(self)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._token is not None:
            current_scope.reset(self._token)
        if self._entered is not None:
            await self._entered.__aexit__(kind, error, trace)


def _scopes(providers: Sequence[Provider]) -> dict[Any, BaseScope]:
    """How long each thing lives that the providers give; a later provider wins over an earlier."""
    scopes: dict[Any, BaseScope] = {}
    for provider in providers:
        given = [(factory.provides, factory.scope) for factory in provider.factories]
        given += [(variable.provides, variable.scope) for variable in provider.context_vars]
        scopes.update({key.type_hint: scope for key, scope in given if scope is not None})
        for alias in provider.aliases:
            lives = scopes.get(alias.source.type_hint)
            if lives is not None:
                scopes[alias.provides.type_hint] = lives
    return scopes


def _arguments(kind: type[Any], scopes: Mapping[Any, BaseScope]) -> dict[str, Any]:
    """The constructor's parameters that providers are to fill, by name, each with its type.

    A parameter with a default keeps it unless a provider gives its type.
    """
    constructor = kind.__init__
    try:
        hints = get_type_hints(constructor, include_extras=True)
    except NameError as error:
        raise ConfigurationError(
            f"{kind.__qualname__}: the type {error.name} of its constructor is not available at "
            "runtime: import it outside of `if TYPE_CHECKING:`"
        ) from error
    parameters = list(inspect.signature(constructor).parameters.values())[1:]
    filled: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        hint = hints.get(parameter.name)
        if parameter.default is not parameter.empty and hint not in scopes:
            continue
        if hint is None or parameter.kind is parameter.POSITIONAL_ONLY:
            raise ConfigurationError(
                f"{kind.__qualname__}({parameter.name}): constructor arguments are injected "
                "by type and by name: give it a type, or pass an instance, "
                "Microservice(..., controllers=[...])"
            )
        filled[parameter.name] = hint
    return filled


def _factory(kind: type[Any], arguments: Mapping[str, Any]) -> Callable[..., Any]:
    """What makes a controller, with a signature of just the arguments that are filled."""

    def make(**given: Any) -> Any:
        return kind(**given)

    made: Any = make
    made.__qualname__ = made.__name__ = kind.__qualname__
    made.__annotations__ = {**arguments, "return": kind}
    made.__signature__ = inspect.Signature(
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hint)
            for name, hint in arguments.items()
        ],
        return_annotation=kind,
    )
    return make


def _container(*providers: Provider) -> AsyncContainer:
    try:
        return make_async_container(*providers)
    except NoFactoryError as error:
        raise ConfigurationError(_missing(error)) from error
    except Exception as error:
        text = " ".join(str(error).split())
        raise ConfigurationError(f"the providers do not fit together: {text}") from error


def _missing(error: NoFactoryError) -> str:
    wanted = error.requested.type_hint
    name = _name(wanted)
    asking = error.path[-1] if error.path else None
    who = f"{_asking(asking.source, wanted)}: " if asking else ""
    if asking and error.suggest_other_scopes:
        lives = error.suggest_other_scopes[0].scope
        return (
            f"{who}{name} is given in scope {_name(lives)}, and {_name(asking.source)} lives "
            f"longer, in scope {_name(asking.scope)}: provide {_name(asking.source)} in scope "
            f"{_name(lives)} too"
        )
    return f"{who}no provider gives {name}; {HOW}"


def _asking(source: Any, wanted: Any) -> str:
    """`ShopHandlers(orders: OrderStore)`, as far as the source tells."""
    try:
        target: Any = vars(source).get("__init__", source) if isinstance(source, type) else source
        hints = get_type_hints(target, include_extras=True)
    except (NameError, TypeError):
        hints = {}
    names = [name for name, hint in hints.items() if hint == wanted and name != "return"]
    shown = f"{names[0]}: {_name(wanted)}" if names else _name(wanted)
    return f"{_name(source)}({shown})"


def _name(thing: Any) -> str:
    if isinstance(thing, BaseScope):
        return thing.name
    name = getattr(thing, "__qualname__", None)
    return str(name) if name and not hasattr(thing, "__origin__") else str(thing)
