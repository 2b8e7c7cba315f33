"""What AMQP alone tells of exchanges: whether they are there, and of which type.

For brokers without the management API. Bindings are not told, so a direct exchange stays unheard.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jararaca_shared.broker_url import BrokerUrl

from jararaca_compiler.listening.broker.description import BrokerDescription, Exchange
from jararaca_compiler.listening.connection import dial, hang_up, said
from jararaca_compiler.listening.errors import ListeningError
from jararaca_compiler.listening.exact import declare_topic_exchange
from jararaca_compiler.listening.losing import is_lost

if TYPE_CHECKING:
    from aio_pika.abc import AbstractConnection

TYPE = re.compile(r"inequivalent arg 'type' .*current is '([^']+)'")


async def probe(url: BrokerUrl, exchanges: Sequence[str]) -> BrokerDescription:
    """The exchanges of these names. Raises ListeningError."""
    connection = await dial(url)
    try:
        found = [await _exchange(connection, name) for name in exchanges if name]
    finally:
        await hang_up(connection)
    return BrokerDescription(url.vhost, tuple(found))


async def _exchange(connection: AbstractConnection, name: str) -> Exchange:
    """Asks whether it is there; then for one of another type, which the broker corrects."""
    error = await _declared(connection, name, passive=True)
    if error is not None:
        raise ListeningError(f"the exchange {name!r} cannot be used: {said(error)}")
    # One that is gone since then is made anew, and goes with the connection's next binding.
    error = await _declared(connection, name, passive=False)
    if error is None:
        return Exchange(name, "topic")
    told = TYPE.search(said(error))
    if told is not None:
        return Exchange(name, told[1])
    if "inequivalent" in said(error):
        return Exchange(name, "topic")
    raise ListeningError(
        f"the type of the exchange {name!r} is not told to this account ({said(error)}): give "
        "--management or --definitions"
    )


async def _declared(
    connection: AbstractConnection, name: str, *, passive: bool
) -> BaseException | None:
    channel = await connection.channel(publisher_confirms=False)
    try:
        await declare_topic_exchange(channel, name, passive=passive, auto_delete=True)
    except BaseException as error:
        if not is_lost(error):
            raise
        return error
    await channel.close()
    return None
