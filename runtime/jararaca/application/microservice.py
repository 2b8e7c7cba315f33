"""An application: compiled services put together with the controllers that serve them."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jararaca.application.integration import AppLifecycle, Integration
from jararaca.application.unit_of_work import Interceptor
from jararaca.errors import ConfigurationError, FormatMismatchError
from jararaca.routing.table import FORMAT, Route, Service

if TYPE_CHECKING:
    from jararaca.application.dishka import Provider


class Microservice:
    """One or more compiled services that one worker runs.

    `providers` (dishka's) give controllers their constructors' arguments, by type: of Scope.APP,
    which live as long as the application, and of Scope.REQUEST, which is one unit of work; a later
    one wins over an earlier. `controllers` are ready instances instead; a class whose constructor
    takes no arguments is instantiated once. `integrations` and then `interceptors` surround each
    unit of work, in their order; `lifecycle` starts with the application and stops with it.
    `scheduled` are the classes whose `@ScheduledAction` methods `jararaca scheduler` runs.
    Raises FormatMismatchError when generated code is of another format than this runtime reads.
    """

    def __init__(
        self,
        *services: Service,
        name: str | None = None,
        controllers: Sequence[object] = (),
        providers: Sequence[Provider] = (),
        integrations: Sequence[Integration] = (),
        interceptors: Sequence[Interceptor] = (),
        lifecycle: AppLifecycle | Sequence[AppLifecycle] = (),
        scheduled: Sequence[type[Any]] = (),
    ) -> None:
        for service in services:
            if service.format != FORMAT:
                raise FormatMismatchError(
                    f"{service.name} was generated in format {service.format} and this Jararaca "
                    f"reads format {FORMAT}: run `jararaca codegen` with the same version"
                )
        self.services = services
        self.integrations = tuple(integrations)
        self.interceptors = tuple(interceptors)
        self.lifecycle = (lifecycle,) if isinstance(lifecycle, AppLifecycle) else tuple(lifecycle)
        self.scheduled = tuple(scheduled)
        self.name = name or "+".join(service.name for service in services)
        self.providers = tuple(providers)
        self._given = {type(each): each for each in controllers}
        self._controllers: dict[type[Any], object] = dict(self._given)

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
