"""Whether routing tables are of this version, and say the same as their handlers' decorators."""

from __future__ import annotations

from collections.abc import Iterable

from jararaca.errors import ConfigurationError, FormatMismatchError
from jararaca.handlers.decorators import spec_of
from jararaca.routing.table import FORMAT, Route, Service

REMEDY = "run `jararaca codegen`, and write in @MessageHandler(...) what it says"


def refuse_other_format(service: Service) -> None:
    """Raises FormatMismatchError for generated code of another format than this runtime reads."""
    if service.format != FORMAT:
        raise FormatMismatchError(
            f"{service.name} was generated in format {service.format} and this Jararaca "
            f"reads format {FORMAT}: run `jararaca codegen` with the same version"
        )


def refuse_disagreement(routes: Iterable[Route]) -> None:
    """Raises ConfigurationError for a handler that gets another message than it takes.

    So is one of several messages of which the tables bring some: it would wait for the others.
    """
    brought: dict[tuple[type, object], list[Route]] = {}
    for route in routes:
        brought.setdefault((route.controller, route.handler), []).append(route)
    for rows in brought.values():
        taken = spec_of(rows[0].handler).messages
        names = f"{rows[0].controller.__qualname__}.{rows[0].handler.__name__}"
        for row in rows:
            if row.message not in taken:
                listed = " and ".join(each.__name__ for each in taken)
                raise ConfigurationError(
                    f"{names} handles {listed}, but its routing table sends it "
                    f"{row.message.__name__}: {REMEDY}"
                )
        for each in taken if len(taken) > 1 else ():
            if all(row.message is not each for row in rows):
                raise ConfigurationError(
                    f"{names} handles {each.__name__}, but no routing table sends it: {REMEDY}"
                )
