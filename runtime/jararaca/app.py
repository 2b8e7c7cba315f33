"""An application: compiled services put together with the controllers that serve them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jararaca.errors import ConfigurationError, FormatMismatchError
from jararaca.integration import AppLifecycle, Integration
from jararaca.routing import FORMAT, Route, Service
from jararaca.work import Interceptor


class Microservice:
    """One or more compiled services that one worker runs.

    `controllers` are ready instances for controller classes whose constructors take arguments;
    every other class is instantiated once, without any. `integrations` and then `interceptors`
    surround each unit of work, in their order; `lifecycle` starts with the application and stops
    with it.
    Raises FormatMismatchError when generated code is of another format than this runtime reads.
    """

    def __init__(
        self,
        *services: Service,
        name: str | None = None,
        controllers: Sequence[object] = (),
        integrations: Sequence[Integration] = (),
        interceptors: Sequence[Interceptor] = (),
        lifecycle: AppLifecycle | Sequence[AppLifecycle] = (),
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
        self.name = name or "+".join(service.name for service in services)
        self._controllers: dict[type[Any], object] = {type(each): each for each in controllers}

    @property
    def routes(self) -> tuple[Route, ...]:
        """The rows of all services."""
        return tuple(route for service in self.services for route in service.routes)

    def controller(self, kind: type[Any]) -> object:
        """The instance that handles; made at the first call. Raises ConfigurationError."""
        if kind not in self._controllers:
            try:
                self._controllers[kind] = kind()
            except TypeError as error:
                raise ConfigurationError(
                    f"{kind.__qualname__} cannot be made without arguments ({error}): "
                    "pass an instance, Microservice(..., controllers=[...])"
                ) from error
        return self._controllers[kind]
