"""Which exchange is the service's own: the broker URL's, else the compiled topology's."""

from __future__ import annotations

from jararaca.contract.topology import Topology


def shared_name(topology: Topology, named: str | None) -> str | None:
    """The name of the service's own exchange; None where neither of the two gives one."""
    if named is not None:
        return named
    return next((exchange.name for exchange in topology.exchanges if exchange.shared), None)
