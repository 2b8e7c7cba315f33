"""Who takes part in a system: the project's own services, and its neighbours'."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from jararaca_compiler import ir
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.documents.source import Span


@dataclass(frozen=True, eq=False)
class Participant:
    """A service with the contract that its schemas' references lead into.

    `neighbour` is where a neighbour's document was read; empty for the project's own services.
    `digest` is of all that the service consists of; empty where that is not known. With `filled`,
    the service has no schemas yet: `whole` is it with them.
    """

    service: ir.Service
    contract: ContractVersion
    neighbour: str = ""
    digest: str = ""
    filled: Callable[[], Participant] | None = None

    @property
    def is_neighbour(self) -> bool:
        """Whether it is not of the project's own sources."""
        return bool(self.neighbour)

    @property
    def name(self) -> str:
        """The service's name."""
        return self.service.name

    @cached_property
    def whole(self) -> Participant:
        """The service with its schemas."""
        return self if self.filled is None else self.filled()

    @cached_property
    def own_exchange(self) -> str:
        """The exchange of the channels that name none."""
        return next(each.name for each in self.service.topology.exchanges if each.shared)

    def exchange_type(self, channel: ir.Channel) -> str:
        """The type of the exchange that a channel is on; AMQP's default one is a direct one."""
        name = self.own_exchange if channel.exchange is None else channel.exchange
        return self._exchange_types.get(name, "direct")

    def message(self, name: str) -> ir.Message:
        """The message of this name; KeyError where the service has none."""
        return self._messages[name]

    def channel(self, key: str) -> ir.Channel:
        """The channel of this key; KeyError where the service has none."""
        return self._channels[key]

    @cached_property
    def _exchange_types(self) -> dict[str, str]:
        return {each.name: each.type for each in self.service.topology.exchanges}

    @cached_property
    def _messages(self) -> dict[str, ir.Message]:
        return {each.name: each for each in reversed(self.service.messages)}

    @cached_property
    def _channels(self) -> dict[str, ir.Channel]:
        return {each.key: each for each in reversed(self.service.channels)}

    def place(self, span: Span) -> Span:
        """The span as a person writes it, with the repository that its file is in."""
        return self.contract.place(span)
