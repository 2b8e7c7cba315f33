"""Who takes part in a system: the project's own services, and its neighbours'."""

from __future__ import annotations

from dataclasses import dataclass

from jararaca_compiler import ir
from jararaca_compiler.compat.contract.version import ContractVersion
from jararaca_compiler.documents.source import Span


@dataclass(frozen=True, slots=True, eq=False)
class Participant:
    """A service with the contract that its schemas' references lead into.

    `neighbour` is where a neighbour's document was read; empty for the project's own services.
    """

    service: ir.Service
    contract: ContractVersion
    neighbour: str = ""

    @property
    def is_neighbour(self) -> bool:
        """Whether it is not of the project's own sources."""
        return bool(self.neighbour)

    @property
    def name(self) -> str:
        """The service's name."""
        return self.service.name

    @property
    def own_exchange(self) -> str:
        """The exchange of the channels that name none."""
        return next(each.name for each in self.service.topology.exchanges if each.shared)

    def exchange_type(self, channel: ir.Channel) -> str:
        """The type of the exchange that a channel is on; AMQP's default one is a direct one."""
        name = self.own_exchange if channel.exchange is None else channel.exchange
        types = {each.name: each.type for each in self.service.topology.exchanges}
        return types.get(name, "direct")

    def message(self, name: str) -> ir.Message:
        """The message of this name; KeyError where the service has none."""
        for message in self.service.messages:
            if message.name == name:
                return message
        raise KeyError(name)

    def channel(self, key: str) -> ir.Channel:
        """The channel of this key; KeyError where the service has none."""
        for channel in self.service.channels:
            if channel.key == key:
                return channel
        raise KeyError(key)

    def place(self, span: Span) -> Span:
        """The span as a person writes it, with the repository that its file is in."""
        return self.contract.place(span)
