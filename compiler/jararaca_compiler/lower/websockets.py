"""Which channels are WebSockets: what is on them goes to clients, and through no queue."""

from __future__ import annotations

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import diagnose
from jararaca_compiler.lower.draft import ChannelDraft, Context, ServiceDraft
from jararaca_compiler.validation.asyncapi_objects import ASYNCAPI_3

PROTOCOLS = frozenset({"ws", "wss"})
_BINDINGS = PROTOCOLS | ASYNCAPI_3["ChannelBindings"].keys.keys()


def websocket_channels(draft: ServiceDraft, context: Context) -> frozenset[str]:
    """The keys of the channels with a `ws` binding alone, or on servers of WebSockets alone."""
    return frozenset(c.key for c in draft.channels if _is_websocket(c, draft.servers, context))


def _is_websocket(channel: ChannelDraft, servers: list[ir.Server], context: Context) -> bool:
    bindings = context.resolver.child(channel.node, "bindings")
    written = () if bindings is None else bindings.items()
    # The published document has a binding that AsyncAPI 3.0 has no place for as an extension.
    if bound := {key.removeprefix("x-") for key, _ in written} & _BINDINGS:
        return bound <= PROTOCOLS
    over = [server for server in servers if not channel.servers or server.name in channel.servers]
    return bool(over) and all(server.protocol.lower() in PROTOCOLS for server in over)


def report_queues(
    draft: ServiceDraft,
    messages: dict[str, ir.Message],
    sockets: frozenset[str],
    context: Context,
) -> None:
    """Complain where a channel says one thing about WebSockets and its messages another."""
    for channel in draft.channels:
        is_queue = channel.amqp.is_queue or channel.amqp.queue is not None
        for message in (messages[each.ref] for each in channel.messages):
            code = None
            if is_queue and message.kind == "websocket":
                code = "websocket-in-queue"
            elif channel.key in sockets and message.kind != "websocket":
                code = "queued-on-websocket"
            if code is not None:
                found = diagnose(
                    code,
                    channel.span,
                    name=message.name,
                    channel=channel.key,
                    kind=f"an {message.kind}" if message.kind == "event" else f"a {message.kind}",
                )
                context.diagnostics.append(found)
