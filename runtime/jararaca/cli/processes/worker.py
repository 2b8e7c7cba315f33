"""One worker process: what it is told, what it says, and the status it exits with."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jararaca.observability.logs import LogFormat, start_logging

if TYPE_CHECKING:
    from jararaca.application.microservice import Microservice


@dataclass(frozen=True, slots=True)
class Settings:
    """What `jararaca worker` was told."""

    app: str | None
    broker_url: str
    backend_url: str | None
    handlers: tuple[str, ...]
    groups: tuple[str, ...]
    prefetch: int
    shutdown_timeout: float
    declare: bool
    log_format: LogFormat = "text"

    def environment(self) -> Mapping[str, str]:
        """The same for a child process: passwords in it stay out of the process list."""
        given = {
            "APP_PATH": self.app,
            "BROKER_URL": self.broker_url,
            "BACKEND_URL": self.backend_url,
            "HANDLERS": ",".join(self.handlers),
            "GROUPS": ",".join(self.groups),
            "PREFETCH": str(self.prefetch),
            "SHUTDOWN_TIMEOUT": str(self.shutdown_timeout),
            "NO_DECLARE": None if self.declare else "1",
            "LOG_FORMAT": self.log_format,
        }
        return {name: value for name, value in given.items() if value}


def run(settings: Settings) -> int:
    """Run a worker until it is told to stop; the exit status."""
    from jararaca.application.loading import load_application

    start_logging(settings.log_format)
    microservice = load_application(settings.app)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        drained = runner.run(_serve(microservice, settings))
    return 0 if drained else 1


async def _serve(microservice: Microservice, settings: Settings) -> bool:
    from jararaca.cli.processes.summary import ready_line, summary
    from jararaca.messagebus.worker import Worker
    from jararaca.transport.connect import transport_for

    worker = Worker(
        microservice,
        transport_for(settings.broker_url),
        prefetch=settings.prefetch,
        handlers=settings.handlers,
        groups=settings.groups,
        shutdown_timeout=settings.shutdown_timeout,
        backend_url=settings.backend_url,
        declare=settings.declare,
    )
    print(summary(microservice, worker, settings), flush=True)
    line = ready_line(worker)
    drained = await worker.run(ready=lambda: print(line, flush=True))
    print("stopped" if drained else "stopped before every handler had finished", flush=True)
    return drained


def _loop_factory() -> Any:
    """uvloop's, where it is installed (`pip install 'jararaca[uvloop]'`)."""
    try:
        import uvloop
    except ModuleNotFoundError:
        return None
    return uvloop.new_event_loop
