"""What a service declares on the broker: its compiled topology, and what its handlers ask for."""

from __future__ import annotations

from jararaca.errors import ConfigurationError
from jararaca.handlers import spec_of
from jararaca.routing import Service
from jararaca.topology import Topology, with_single_active_consumer


def topology_of(service: Service) -> Topology:
    """The compiled topology, with one active consumer for each queue of ordered handlers.

    Raises ConfigurationError where one handler of a queue is ordered and another is not.
    """
    ordered = {route.queue for route in service.routes if spec_of(route.handler).ordered}
    for route in service.routes:
        if route.queue in ordered and not spec_of(route.handler).ordered:
            raise ConfigurationError(
                f"{route.controller.__qualname__}.{route.handler.__name__} is not ordered, and "
                f"another handler of {route.queue} is: make all of them ordered, or none"
            )
    return with_single_active_consumer(service.topology, ordered)
