"""An application: compiled services put together with the controllers that serve them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jararaca.errors import ConfigurationError, FormatMismatchError
from jararaca.routing import FORMAT, Route, Service


class Microservice:
    """One or more compiled services that one worker runs.

    `controllers` are ready instances for controller classes whose constructors take arguments;
    every other class is instantiated once, without any.
    Raises FormatMismatchError when generated code is of another format than this runtime reads.
    """

    def __init__(
        self, *services: Service, name: str | None = None, controllers: Sequence[object] = ()
    ) -> None:
        for service in services:
            if service.format != FORMAT:
                raise FormatMismatchError(
                    f"{service.name} was generated in format {service.format} and this Jararaca "
                    f"reads format {FORMAT}: run `jararaca codegen` with the same version"
                )
        self.services = services
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
