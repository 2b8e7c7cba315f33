"""aio-pika's channel on the application's own connection: for what Jararaca does not cover."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from jararaca.application.unit_of_work import Work
from jararaca.errors import NoAmqpError
from jararaca.handlers.current_work import current_work

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel


async def use_amqp() -> AbstractChannel:
    """aio-pika's channel on the connection that this application publishes over.

    It is opened at the first call, with publisher confirms, and shared by all units of work of the
    process; deliveries and publications of Jararaca's own go over other channels. Ask for it each
    time: after a lost connection, or an error of the broker's that closed it, the next call gives
    another one. What is done on it is done at once: it waits for no unit of work to succeed.

    Raises NoAmqpError outside of a unit of work (there is `host.amqp()`) and on memory://, and
    BrokerUnreachableError where there is no connection within `publish_timeout`.
    """
    work = current_work.get()
    host = None if work is None else cast(Work, work).host
    if host is None:
        raise NoAmqpError(
            "no unit of work is active here: call use_amqp() in a message handler, in a request or "
            "a scheduled run, or inside `async with host.unit_of_work():`; `await host.amqp()` "
            "gives the same channel elsewhere"
        )
    return await host.transport.amqp()
