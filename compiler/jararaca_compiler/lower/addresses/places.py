"""The further channels of a message: each has a class of its own, to publish there."""

from __future__ import annotations

from collections.abc import Mapping

from jararaca_compiler import ir
from jararaca_compiler.lower.addresses.address import parameters
from jararaca_compiler.lower.draft import Context, MessageDraft
from jararaca_compiler.lower.message_names import MessageNames
from jararaca_compiler.lower.message_uses import MessageUse, kind_of
from jararaca_compiler.naming import Names, pascal


class Places:
    """Makes them, under names that no class of a message has: `Ping` on `b` is `PingToB`."""

    def __init__(
        self, names: Mapping[str, MessageNames], sockets: frozenset[str], context: Context
    ) -> None:
        self._identities = names
        self._names = Names(each.class_name for each in names.values())
        self._sockets = sockets
        self._context = context

    def of(self, message: MessageDraft, uses: tuple[MessageUse, ...]) -> tuple[ir.Place, ...]:
        """All but the first, in the order of their channels' keys; none twice."""
        seen = {_target(uses[0])}
        found: list[ir.Place] = []
        for each in sorted(uses[1:], key=_key):
            if each.channel is not None and _target(each) not in seen:
                seen.add(_target(each))
                found.append(self._place(message, each))
        return tuple(found)

    def _place(self, message: MessageDraft, use: MessageUse) -> ir.Place:
        channel = use.channel
        assert channel is not None
        kind = kind_of(message, channel, self._sockets, self._context)
        own = self._identities[message.ref].class_name
        return ir.Place(
            class_name=self._names.take(
                f"{own}To{pascal(channel.key)}", f"{own}ToChannel{pascal(channel.key)}"
            ),
            channel=channel.key,
            kind=kind,
            topic=channel.address,
            parameters=parameters(channel.address, channel.parameters, self._context.resolver),
            exchange=use.exchange,
            queue=use.queue,
            mandatory=kind == "task" or use.mandatory,
            publishing=use.publishing,
        )


def _key(use: MessageUse) -> str:
    return "" if use.channel is None else use.channel.key


def _target(use: MessageUse) -> tuple[str | None, str | None]:
    """What a publication is routed by: two channels may be one place on the broker."""
    topic = None if use.channel is None else use.channel.address
    return use.exchange, use.queue or topic
