"""An application: compiled services put together with the controllers that serve them."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from jararaca.application.lifecycle import AppLifecycle
from jararaca.application.progress import Offsets
from jararaca.application.unit_of_work import Interceptor, Work
from jararaca.errors import ConfigurationError
from jararaca.handlers.decorators import handlers_of
from jararaca.handlers.outcome import Listener
from jararaca.routing.agreement import refuse_disagreement, refuse_other_format
from jararaca.routing.table import Route, Service

if TYPE_CHECKING:
    from dishka import Provider


MOST_OCTETS = 255
"""Of an AMQP property."""


class Participant(Protocol):
    """What takes part in an application: an `Integration`, which says what each of these does."""

    observes: bool
    listener: Listener | None
    record: str | None
    offsets: Offsets | None

    @property
    def providers(self) -> Sequence[Any]:
        """What controllers and endpoints may ask for."""

    async def start(self, host: Any) -> None:
        """Open what is needed; `host` is the `Host`."""

    async def stop(self) -> None:
        """Let go of it."""

    def around(self, work: Work) -> AbstractAsyncContextManager[Any] | None:
        """What surrounds a unit of work."""

    async def idle(self) -> bool:
        """Whether nothing that was committed is still on its way."""

    async def measured(self) -> Sequence[Any]:
        """Numbers of its own (`Measure`), for metrics."""

    async def unready(self) -> str | None:
        """Why no work should come now."""


class Microservice:
    """One or more compiled services that one worker runs.

    `controllers` that no compiled service names are compiled from code when the application starts:
    their handlers and the hand-written messages of these. That needs the `compiler` extra.

    `providers` (dishka's) give controllers their constructors' arguments, by type: of Scope.APP,
    which live as long as the application, and of Scope.REQUEST, which is one unit of work; a later
    one wins over an earlier. `controllers` are classes, or ready instances; a class whose
    constructor takes no arguments is instantiated once. `integrations` and then `interceptors`
    surround each unit of work, in their order; `lifecycle` starts with the application and stops
    with it. `scheduled` are the classes whose `@ScheduledAction` methods `jararaca scheduler` runs.
    `reply_queues` are further queues that replies may go to where a request names them in its
    `reply_to` (`*` is any text); requesters' own queues and direct reply-to need not be named.
    Raises FormatMismatchError when generated code is of another format than this runtime reads, and
    ConfigurationError where a handler takes other messages than the routing tables bring it.
    """

    def __init__(
        self,
        *services: Service,
        name: str | None = None,
        controllers: Sequence[object] = (),
        providers: Sequence[Provider] = (),
        integrations: Sequence[Participant] = (),
        interceptors: Sequence[Interceptor] = (),
        lifecycle: AppLifecycle | Sequence[AppLifecycle] = (),
        scheduled: Sequence[type[Any]] = (),
        reply_queues: Sequence[str] = (),
    ) -> None:
        for service in services:
            refuse_other_format(service)
        refuse_disagreement(route for service in services for route in service.routes)
        self._compiled = services
        self.integrations = tuple(integrations)
        self.interceptors = tuple(interceptors)
        self.lifecycle = (lifecycle,) if isinstance(lifecycle, AppLifecycle) else tuple(lifecycle)
        self.scheduled = tuple(scheduled)
        self.reply_queues = tuple(reply_queues)
        self._name = name
        self.providers = tuple(providers)
        self._given = {type(each): each for each in controllers if not isinstance(each, type)}
        self.controllers = tuple(
            each if isinstance(each, type) else type(each) for each in controllers
        )
        self._controllers: dict[type[Any], object] = dict(self._given)

    @property
    def name(self) -> str:
        """The name that it was given, else its services' names."""
        return self._name or "+".join(service.name for service in self.services)

    @property
    def app_id(self) -> str | None:
        """Who publishes, for AMQP's property of that name: its name, or its compiled services'.

        It compiles nothing: a process that only publishes need not be able to.
        """
        name = self._name or "+".join(service.name for service in self._compiled)
        if not name and self.controllers:
            name = self.code_name
        return name.encode(errors="replace")[:MOST_OCTETS].decode(errors="ignore") or None

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """The compiled services, and that of the controllers which no compiled one names.

        Raises ConfigurationError for controllers that cannot be compiled, or handle nothing.
        """
        return (*self._compiled, *self.from_code)

    @cached_property
    def from_code(self) -> tuple[Service, ...]:
        """The service that was compiled from code, where there is one."""
        if not self.uncompiled:
            return ()
        from jararaca.application.code_first.compiling import compiled_from_code

        routes = [route for service in self._compiled for route in service.routes]
        return (compiled_from_code(self.uncompiled, self.code_name, routes),)

    @property
    def code_name(self) -> str:
        """What the service of the controllers by hand is called: no other has the name."""
        name = self._name or _package_of(self.uncompiled)
        taken = any(service.name == name for service in self._compiled)
        return f"{name}_by_hand" if taken else name

    @cached_property
    def uncompiled(self) -> tuple[type[Any], ...]:
        """The controllers that no compiled service names. Raises ConfigurationError."""
        routes = [route for service in self._compiled for route in service.routes]
        named = {*(route.controller for route in routes), *self.scheduled}
        for each in self.controllers:
            if each not in named and not any(handlers_of(each)):
                raise ConfigurationError(
                    f"{each.__qualname__} is in controllers=[...], but nothing calls it: it has no "
                    "@MessageHandler, and no compiled route names it"
                )
        known = {(route.controller, route.handler) for route in routes}
        return tuple(
            each
            for each in self.controllers
            if any((each, method) not in known for method in handlers_of(each))
        )

    @property
    def routes(self) -> tuple[Route, ...]:
        """The rows of all services."""
        return tuple(route for service in self.services for route in service.routes)

    @property
    def needing(self) -> tuple[type[Any], ...]:
        """The controller classes that cannot be made without arguments, and are not given."""
        kinds = dict.fromkeys([*(route.controller for route in self.routes), *self.scheduled])
        return tuple(kind for kind in kinds if kind not in self._given and _takes_arguments(kind))

    def overridden(self, *providers: Provider) -> Microservice:
        """The same application, in which these providers win over its own: for tests."""
        other = copy.copy(self)
        other.providers = (*self.providers, *providers)
        other._controllers = dict(self._given)
        return other

    def with_services(self, *services: Service) -> Microservice:
        """The same application with other routing tables and topologies."""
        other = copy.copy(self)
        other.services = services
        return other

    def with_interceptors(self, *interceptors: Interceptor) -> Microservice:
        """The same application, in which these are around all of its own."""
        other = copy.copy(self)
        other.interceptors = (*interceptors, *self.interceptors)
        return other

    def with_lifecycle(self, *lifecycle: AppLifecycle) -> Microservice:
        """The same application, in which these start after its own, and stop before them."""
        other = copy.copy(self)
        other.lifecycle = (*self.lifecycle, *lifecycle)
        return other

    def controller(self, kind: type[Any]) -> object:
        """The instance that handles; made at the first call. Raises ConfigurationError."""
        if kind not in self._controllers:
            try:
                self._controllers[kind] = kind()
            except TypeError as error:
                raise ConfigurationError(
                    f"{kind.__qualname__} cannot be made without arguments ({error}): "
                    "pass what gives them, Microservice(..., providers=[...]), or an instance, "
                    "Microservice(..., controllers=[...])"
                ) from error
        return self._controllers[kind]


def _package_of(controllers: Sequence[type[Any]]) -> str:
    """What an application without a name is called: the package of its first controller."""
    package = controllers[0].__module__.partition(".")[0]
    return "app" if package == "__main__" else package


def _takes_arguments(kind: type[Any]) -> bool:
    """Whether the constructor has a parameter that must be given."""
    if kind.__init__ is object.__init__:
        return False
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    return any(
        parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        for parameter in parameters
    )
