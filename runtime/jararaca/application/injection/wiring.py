"""Which library puts an application's controllers together: dishka, where there are providers."""

from __future__ import annotations

from importlib.util import find_spec
from inspect import getattr_static

from jararaca.application.injection import Wiring
from jararaca.application.microservice import Microservice, Participant


def wiring_of(microservice: Microservice) -> Wiring | None:
    """What puts an application's controllers together; None where nobody asks for anything.

    Raises ConfigurationError for what no provider gives.
    """
    needing = microservice.needing
    asked = bool(needing or microservice.providers)
    offering = [each for each in microservice.integrations if _offers(each)]
    # What only integrations offer is there to be asked for, where the extra is installed.
    if not asked and not (offering and find_spec("dishka")):
        return None
    # What the application gives itself wins over what comes with an integration.
    offered = [provider for integration in offering for provider in integration.providers]
    providers = (*offered, *microservice.providers)
    if not providers:
        return None
    from jararaca.application.injection.dishka import DishkaWiring

    return DishkaWiring(providers, needing)


def _offers(integration: Participant) -> bool:
    """Whether it has providers of its own; a property of it is not evaluated for that."""
    return bool(getattr_static(integration, "providers", ()))
