"""A microservice inside a FastAPI application: started, stopped and around each request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from warnings import filterwarnings

from fastapi import APIRouter
from pydantic.warnings import UnsupportedFieldAttributeWarning
from starlette.types import ASGIApp

from jararaca.application.host import Host
from jararaca.application.microservice import Microservice
from jararaca.application.unit_of_work import Work
from jararaca.contract import headers
from jararaca.errors import ConfigurationError
from jararaca.integrations.fastapi.middleware import UnitOfWorkMiddleware
from jararaca.integrations.fastapi.router import router_of
from jararaca.messagebus.worker.worker import Worker
from jararaca.routing.declarations import topology_of
from jararaca.transport.connect import transport_for

# FastAPI builds validators of parameters under this filter; those of our messages are built later.
filterwarnings("ignore", "The 'alias' attribute", UnsupportedFieldAttributeWarning)


class Bus:
    """What a FastAPI application takes of a microservice, in three lines:

        api = FastAPI(lifespan=bus.lifespan)
        api.add_middleware(bus.middleware)
        api.include_router(bus.router)

    `consume` handles messages in this process too; without it, `jararaca worker` does.
    `carry` names the headers of a request that go along with each of its publications, and on with
    those of their handlers. `docs` is the folder of `jararaca docs build`: its pages are shown
    under `/asyncapi`. `declare` False expects the topology to be there; `backend_url` is Redis's.
    Raises ConfigurationError for a header that is Jararaca's own.
    """

    def __init__(
        self,
        microservice: Microservice,
        broker_url: str,
        *,
        backend_url: str | None = None,
        consume: bool = False,
        carry: Sequence[str] = (),
        docs: str | Path | None = None,
        declare: bool = True,
    ) -> None:
        for name in carry:
            if name.lower().startswith(headers.PREFIX):
                raise ConfigurationError(f"{name} is reserved for Jararaca and cannot be carried")
        self.microservice = microservice
        self.carry = tuple(name.lower() for name in carry)
        self._broker_url = broker_url
        self._backend_url = backend_url
        self._consume = consume
        self._declare = declare
        self._host: Host | None = None
        self.router: APIRouter = router_of(
            microservice, lambda: self.host, Path(docs) if docs else None
        )
        """`/asyncapi`, `/asyncapi.json`, `/asyncapi.yaml`, `/health/live` and `/health/ready`."""

    @property
    def host(self) -> Host:
        """What runs. Raises ConfigurationError outside of the lifespan."""
        if self._host is None:
            raise ConfigurationError(
                "the bus is not started: give its lifespan to the application, "
                "FastAPI(lifespan=bus.lifespan), or enter it in your own"
            )
        return self._host

    @asynccontextmanager
    async def lifespan(self, app: object = None) -> AsyncIterator[None]:
        """Connect and start all that the microservice consists of; stop it at the end.

        Raises ConfigurationError, BrokerUnreachableError.
        """
        transport = transport_for(self._broker_url)
        worker: Worker | None = None
        if self._consume:
            worker = Worker(
                self.microservice,
                transport,
                backend_url=self._backend_url,
                declare=self._declare,
            )
        host = worker.host if worker else Host(self.microservice, transport, self._backend_url)
        await (worker.start() if worker else self._start(host))
        self._host = host
        try:
            yield
        finally:
            await (worker.stop() if worker else host.stop())
            self._host = None

    async def _start(self, host: Host) -> None:
        """What is published before a worker was ever there waits for it in its queues."""
        await host.start()
        try:
            for service in self.microservice.services:
                await host.transport.declare(topology_of(service), passive=not self._declare)
        except BaseException:
            await host.stop()
            raise

    def middleware(self, app: ASGIApp) -> ASGIApp:
        """Each request as a unit of work: `api.add_middleware(bus.middleware)`.

        Commits and publications are done before the response starts, and a status of 400 and above,
        or an exception, drops them.
        """
        return UnitOfWorkMiddleware(app, lambda: self.host, self.carry)

    def unit_of_work(self, name: str = "") -> AbstractAsyncContextManager[Work]:
        """A unit of work where no request is: for one message of a WebSocket, for one."""
        host = self.host
        return host.unit_of_work(Work(publisher=host.publisher(), name=name))
