"""A service -> `topology.json`: the definitions that `rabbitmqctl import_definitions` reads."""

from __future__ import annotations

from jararaca_shared.definitions import definitions

from jararaca_compiler import ir
from jararaca_compiler.emit.json_layout import json_text


def emit_topology(service: ir.Service) -> ir.GeneratedFile:
    """The file."""
    return ir.GeneratedFile("topology.json", json_text(definitions([service.topology]), apart=1))
