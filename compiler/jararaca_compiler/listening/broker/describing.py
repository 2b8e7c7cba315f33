"""The description of a broker from whatever there is: its management API, a file, or AMQP alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from jararaca_shared.broker_url import BrokerUrl

from jararaca_compiler.listening.broker.definitions import description_of_file
from jararaca_compiler.listening.broker.description import BrokerDescription
from jararaca_compiler.listening.broker.management import Management
from jararaca_compiler.listening.broker.probing import probe
from jararaca_compiler.listening.errors import ListeningError


async def describe(
    url: BrokerUrl,
    management: Management,
    *,
    definitions: str | None = None,
    exchanges: Sequence[str] = (),
    trace: bool = False,
) -> BrokerDescription:
    """`definitions` is the text of a file, which then is all that is asked.

    Where the management API does not answer, named exchanges are asked about over AMQP; without
    names, and without `trace`, that raises ListeningError.
    """
    if definitions is not None:
        return description_of_file(definitions, url.vhost)
    try:
        return await asyncio.to_thread(management.describe)
    except ListeningError:
        if exchanges and not trace:
            return await probe(url, exchanges)
        if trace:
            return BrokerDescription(url.vhost)
        raise
