"""The event loop of a process of ours: it runs to the end of the work, whatever ends one task."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from jararaca.contract.exception_types import described
from jararaca.errors import HandlerCrashedError
from jararaca.printable import logger_named

logger = logger_named("jararaca.work")

T = TypeVar("T")
LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def run_to_end(work: Coroutine[Any, Any, T], loop_factory: LoopFactory | None = None) -> T:
    """What the work comes to, in an event loop of its own.

    asyncio lets a `sys.exit()` in any task, and a `loop.stop()`, end the loop. A handler may have
    created that task; its neighbours go on here. What the work itself raises is raised; at Ctrl-C
    it is cancelled first. Raises HandlerCrashedError where something in the process cancelled it.
    """
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        loop = runner.get_loop()
        main = loop.create_task(work)
        while True:
            try:
                return loop.run_until_complete(main)
            except asyncio.CancelledError as error:
                raise HandlerCrashedError(
                    "something in this process has cancelled all that runs in it: a handler that "
                    "cancels tasks must choose its own"
                ) from error
            except (SystemExit, KeyboardInterrupt, RuntimeError) as error:
                if main.done():
                    raise
                if isinstance(error, KeyboardInterrupt) and _is_ctrl_c():
                    main.cancel()
                    loop.run_until_complete(asyncio.wait({main}))
                    raise
                logger.error(
                    "the event loop goes on although something in it ended it: %s. A task that is "
                    "to end raises an exception",
                    described(error),
                )


def _is_ctrl_c() -> bool:
    """Whether nobody else listens to the signal, so that Python has raised it."""
    return signal.getsignal(signal.SIGINT) is signal.default_int_handler
