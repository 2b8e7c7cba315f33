"""`--link`: whether the services fit what runs in their environment, before anything is consumed.

The compiler links, by an entry point; the runtime does not import it.
"""

from __future__ import annotations

from pathlib import Path

from jararaca_shared.distribution import install

from jararaca.application.microservice import Microservice
from jararaca.cli.processes.settings import Linking
from jararaca.errors import ConfigurationError
from jararaca.printable import logger_named

ENTRY_POINT = "jararaca.link"
DOCUMENT = "asyncapi.json"

logger = logger_named("jararaca.link")


def link_at_start(microservice: Microservice, asked: Linking) -> None:
    """Log what does not fit; with `fail`, raise ConfigurationError for it."""
    if asked.level == "off":
        return
    from importlib.metadata import entry_points

    found = list(entry_points(group=ENTRY_POINT))
    if not found:
        raise ConfigurationError(f"--link needs the compiler: {install('compiler')}")
    documents = [
        str(path)
        for service in microservice.services
        if service.path and (path := Path(service.path).with_name(DOCUMENT)).is_file()
    ]
    problems: list[str] = found[0].load()(documents, asked.environment, asked.registry)
    for problem in problems:
        logger.warning("does not fit what is in %s: %s", asked.environment, problem)
    if problems and asked.level == "fail":
        raise ConfigurationError(
            f"the services do not fit what is in {asked.environment}: {problems[0]}"
        )
    if not problems:
        logger.info("the services fit what is in %s", asked.environment)
