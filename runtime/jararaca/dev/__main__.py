"""The process that `jararaca dev` runs, and starts again when the code has changed."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from importlib.metadata import entry_points
from pathlib import Path

from jararaca_shared.distribution import install

from jararaca.application.loading import load_application
from jararaca.cli.console import complain, count, paint, say
from jararaca.dev.page_api import DESK, PageApi
from jararaca.errors import ConfigurationError, JararacaError
from jararaca.messagebus.worker.worker import Worker
from jararaca.observability.logs import start_logging
from jararaca.scheduling.embedded import EmbeddedScheduler
from jararaca.scheduling.jobs import is_scheduled
from jararaca.transport.connect import transport_for
from jararaca.transport.url import MEMORY, parse_broker_url, safe_url

PAGES = "jararaca.pages"
"""The entry point of what serves pages: the compiler's, which the runtime does not import."""


def main() -> int:
    """Run until stopped. Returns 2 if the application or the documents cannot be used."""
    start_logging()
    # It logs that something has changed; what is done about that is said anyway.
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    try:
        return asyncio.run(run(os.environ["BROKER_URL"], int(os.environ["DEV_PORT"])))
    except JararacaError as error:
        complain(str(error))
        return 2 if isinstance(error, ConfigurationError) else 1


async def run(broker_url: str, port: int) -> int:
    """Worker, broker, schedules and pages, until SIGTERM."""
    app = os.environ.get("APP_PATH")
    microservice = load_application(app)
    if is_scheduled(microservice):
        microservice.integrations = (*microservice.integrations, EmbeddedScheduler())
    transport = transport_for(broker_url)
    desk = PageApi(microservice, transport)
    # A broker in memory has no other processes.
    shared = () if parse_broker_url(broker_url).scheme == MEMORY else (desk.sharing,)
    microservice.integrations = (*microservice.integrations, *shared, desk.watching)
    worker = Worker(microservice, transport)
    address = _pages(port, desk, app)
    handlers = count(len(worker.consumed), "handler")

    def ready() -> None:
        say(f"{paint('ready', 'good')}: {handlers} on {safe_url(broker_url)}, pages on {address}")
        say(paint(f"desk: {address.rstrip('/')}{DESK}", "dim"))

    return 0 if await worker.run(ready) else 1


def _pages(port: int, desk: PageApi, app: str | None) -> str:
    for entry in entry_points(group=PAGES):
        try:
            address: str = entry.load()(Path.cwd(), port, desk, app)
        except Exception as error:
            raise ConfigurationError(str(error)) from error
        return address
    raise ConfigurationError(f"pages need the compiler: {install('compiler')}")


if __name__ == "__main__":
    sys.exit(main())
