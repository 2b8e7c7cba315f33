"""One worker process: what it says, and the status it exits with."""

from __future__ import annotations

from jararaca.application.loading import load_application
from jararaca.application.microservice import Microservice
from jararaca.cli.console import say
from jararaca.cli.processes.children import end_with_parent
from jararaca.cli.processes.linking import link_at_start
from jararaca.cli.processes.settings import WorkerSettings
from jararaca.cli.processes.summary import ready_line, summary
from jararaca.cli.processes.waiting import connected_within
from jararaca.messagebus.event_loop import LoopFactory, run_to_end
from jararaca.messagebus.worker.worker import Worker
from jararaca.observability.logs import start_logging
from jararaca.transport.connect import transport_for


def run(settings: WorkerSettings) -> int:
    """Run a worker until it is stopped; the exit status."""
    start_logging(settings.log_format)
    end_with_parent()
    microservice = load_application(settings.app)
    link_at_start(microservice, settings.linking)
    drained = run_to_end(_serve(microservice, settings), _loop_factory())
    return 0 if drained else 1


async def _serve(microservice: Microservice, settings: WorkerSettings) -> bool:
    transport = transport_for(settings.broker_url)
    worker = Worker(
        microservice,
        transport,
        prefetch=settings.prefetch,
        handlers=settings.handlers,
        groups=settings.groups,
        shutdown_timeout=settings.shutdown_timeout,
        backend_url=settings.backend_url,
        declare=settings.declare,
    )
    consumed = [handler.route for handler in worker.consumed]
    say(summary(microservice, consumed, worker.waiting, settings))
    await connected_within(transport, settings.wait_for_broker)
    line = ready_line(consumed)
    drained = await worker.run(ready=lambda: say(line))
    say("stopped" if drained else "stopped before every handler had finished")
    return drained


def _loop_factory() -> LoopFactory | None:
    """uvloop's, where it is installed (the extra `uvloop`)."""
    try:
        import uvloop
    except ModuleNotFoundError:
        return None
    made: LoopFactory = uvloop.new_event_loop
    return made
