"""A service -> `topology.json`: the definitions that `rabbitmqctl import_definitions` reads."""

from __future__ import annotations

import json

from jararaca_shared.definitions import definitions

from jararaca_compiler import ir


def emit_topology(service: ir.Service) -> ir.GeneratedFile:
    """The file."""
    text = json.dumps(definitions([service.topology]), indent=2)
    return ir.GeneratedFile("topology.json", f"{text}\n")
