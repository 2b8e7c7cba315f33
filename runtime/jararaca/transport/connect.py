"""From a broker URL to its transport: `memory://name`, `amqp://...`, `amqps://...`."""

from __future__ import annotations

from jararaca.transport import Transport
from jararaca.transport.url import MEMORY, parse_broker_url


def transport_for(broker_url: str) -> Transport:
    """The transport that a broker URL names; it is not connected yet.

    memory://NAME is one broker a name, shared by all of this process.
    amqp(s)://user:password@host:port/vhost takes `?exchange=` (else the compiled one), `name`
    (shown on the broker), `heartbeat` (15 s), `connection_timeout` (10 s) and `publish_timeout`
    (30 s: how long a publish waits for a connection and its confirm), `transport` (fast; plain
    leaves decoding, acks and confirms to aio-pika), and `trusted_users` (other accounts of the same
    service, with commas between: what they say of retries and topics is believed); amqps:// takes
    `cafile`, `certfile` and `keyfile` too. Raises ConfigurationError for anything else.
    """
    url = parse_broker_url(broker_url)
    if url.scheme == MEMORY:
        from jararaca.transport.memory import MemoryTransport, broker_named

        return MemoryTransport(broker_named(url.host), url.exchange)
    if url.transport == "plain":
        from jararaca.transport.amqp import AmqpTransport

        return AmqpTransport(url)
    from jararaca.transport.amqp.fast.transport import FastTransport

    return FastTransport(url)
