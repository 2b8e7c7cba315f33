"""A service -> `routes.py`: the routing table, the topology and the service as flat data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

from jararaca_compiler import ir
from jararaca_compiler.emit.carried import Carried, carried_by
from jararaca_compiler.emit.declarations import arguments_text, topology_text
from jararaca_compiler.emit.header import FORMAT
from jararaca_compiler.emit.marks import Mark, marks_of
from jararaca_compiler.emit.python.calls import call, items, rows, scalar
from jararaca_compiler.emit.python.formatting import docstring, literal, string
from jararaca_compiler.emit.table_names import TableNames
from jararaca_compiler.emit.types.schemas import Lookup


def emit_routes(service: ir.Service, names: TableNames, lookup: Lookup) -> ir.GeneratedFile:
    """The module; `names` says what it calls messages and handlers, and imports them."""
    text = docstring([f"Routes and topology of {service.title}."], 0)
    text += "\nfrom __future__ import annotations\n\nimport jararaca\n"
    text += names.imports(service)
    carried = carried_by(service)
    text += _carried(service, carried)
    table = _table(service, names, marks_of(service, lookup), carried)
    text += arguments_text(service.topology)
    text += f"\nROUTES: tuple[jararaca.Route, ...] = {table}\n"
    text += f"TOPOLOGY = {topology_text(service.topology)}\n"
    if _scheduled(service):
        timetable = rows([_schedule(service, names, each) for each in _scheduled(service)], 0)
        text += f"SCHEDULES: tuple[jararaca.Schedule, ...] = {timetable}\n"
    text += f"SERVICE = {_service(service, names)}\n"
    return ir.GeneratedFile("routes.py", text)


def _scheduled(service: ir.Service) -> list[ir.Message]:
    """The messages that the clock publishes; without a topic there is nowhere to publish to."""
    return [each for each in service.messages if each.schedule is not None and each.topic]


def _schedule(service: ir.Service, names: TableNames, message: ir.Message) -> str:
    schedule = message.schedule
    assert schedule is not None
    body = json.dumps(schedule.payload, ensure_ascii=False)
    if schedule.cron is not None:
        when = [("cron", string(schedule.cron)), ("timezone", string(schedule.timezone))]
    else:
        when = [("every", repr(schedule.every))]
    arguments = [
        ("name", string(f"{service.name}.{message.name}")),
        ("message", names.message(message)),
        *when,
        ("catch_up", string(schedule.catch_up)),
        ("payload", string(body)),
    ]
    return call("jararaca.Schedule", arguments, 4)


def _carried(service: ir.Service, carried: Carried) -> str:
    """Once for all routes what their channels carry; nothing where all of it is received."""
    handling = (operation.id for operation in service.operations if operation.handlers)
    channels = sorted({carried.channels[id] for id in handling if id in carried.channels})
    if not channels:
        return ""
    lines = (_carried_by_channel(f"    {string(key)}: ", carried.names[key]) for key in channels)
    return f"\nCARRIED: dict[str, tuple[str, ...]] = {{\n{''.join(lines)}}}\n"


def _carried_by_channel(start: str, names: Iterable[str]) -> str:
    return f"{start}{items([string(name) for name in names], 4, len(start))},\n"


def _table(
    service: ir.Service,
    names: TableNames,
    marks: Mapping[tuple[str, str], Mark],
    carried: Carried,
) -> str:
    messages = {message.name: message for message in service.messages}
    channels = {channel.key: channel for channel in service.channels}
    found = [
        _route(
            operation,
            handler,
            names.handler(service, operation.id, handler),
            names.message(messages[handler.message]),
            received_parameters(service, channels[operation.channel]),
            marks.get((operation.queue or "", handler.message)),
            carried.channels.get(operation.id),
            channels[operation.channel],
        )
        for operation in service.operations
        for handler in operation.handlers
    ]
    return rows(found, 0)


def _route(
    operation: ir.Operation,
    handler: ir.Handler,
    method: tuple[str, str],
    message: str,
    taken: tuple[ir.Parameter, ...],
    mark: Mark | None,
    carried: str | None,
    channel: ir.Channel,
) -> str:
    keys = [string(key) for key in handler.binding_keys]
    arguments = [
        ("operation", string(operation.id)),
        ("queue", string(operation.queue or "")),
        ("binding_keys", items(keys, 8, len("        binding_keys="))),
        ("message", message),
        ("controller", method[0]),
        ("handler", method[1]),
    ]
    parameters = [_parameter(each) for each in taken]
    if parameters:
        arguments.append(("parameters", items(parameters, 8, len("        parameters="))))
    if allowed := {each.name: list(each.enum) for each in taken if each.enum}:
        arguments.append(("allowed", literal(allowed, 8, len("        allowed="), 1)))
    if locations := {each.name: each.location for each in taken if each.location}:
        arguments.append(("locations", literal(locations, 8, len("        locations="), 1)))
    if mark is not None:
        marked = f"({', '.join(map(scalar, mark))})"
        arguments.append(("marks", items([marked], 8, len("        marks="))))
    if carried is not None:
        arguments.append(("others", f"CARRIED[{string(carried)}]"))
    if channel.stream is not None:
        arguments.append(("stream", string(channel.stream)))
    if channel.filter_by is not None:
        arguments.append(("filter_by", string(channel.filter_by)))
    return call("jararaca.route", arguments, 4)


def received_parameters(service: ir.Service, channel: ir.Channel) -> tuple[ir.Parameter, ...]:
    """Those of the address; none where the exchange looks at no routing key."""
    types = {exchange.name: exchange.type for exchange in service.topology.exchanges}
    return () if types.get(channel.exchange or "") in ir.KEYLESS else channel.parameters


def _parameter(parameter: ir.Parameter) -> str:
    """Its name and its word's index; where it is a part of the word, the word's pattern too."""
    pattern = "" if parameter.pattern is None else f", {string(parameter.pattern)}"
    return f"({string(parameter.name)}, {parameter.word}{pattern})"


def _service(service: ir.Service, names: TableNames) -> str:
    queued = [message for message in service.messages if message.kind != "websocket"]
    sockets = [message for message in service.messages if message.kind == "websocket"]
    arguments = (
        ("name", string(service.name)),
        ("title", string(service.title)),
        ("version", string(service.version)),
        ("format", str(FORMAT)),
        ("source", string(service.source)),
        ("digest", string(service.digest)),
        ("routes", "ROUTES"),
        ("topology", "TOPOLOGY"),
        ("messages", rows(_classes(queued, names), 4, len("    messages="))),
        ("path", names.path),
        *([("schedules", "SCHEDULES")] if _scheduled(service) else []),
        *_of_sockets("sockets", sockets, names),
        *_of_sockets("from_clients", from_clients(service, sockets), names),
    )
    return call("jararaca.Service", arguments, 0)


def _of_sockets(
    argument: str, messages: list[ir.Message], names: TableNames
) -> list[tuple[str, str]]:
    width = len(f"    {argument}=")
    return [(argument, rows(_classes(messages, names), 4, width))] if messages else []


def from_clients(service: ir.Service, sockets: list[ir.Message]) -> list[ir.Message]:
    """Those that an operation receives from a WebSocket: no client may send another one."""
    channels = {channel.key for channel in service.channels if channel.is_websocket}
    names = {
        name
        for operation in service.operations
        if operation.action == "receive" and operation.channel in channels
        for name in operation.messages
    }
    return [message for message in sockets if message.name in names]


def _classes(messages: Iterable[ir.Message], names: TableNames) -> list[str]:
    every = [each for message in messages for each in (message, *_elsewhere(message))]
    return sorted(names.message(message) for message in every)


def _elsewhere(message: ir.Message) -> list[ir.Message]:
    """The same message by the classes of its further channels."""
    return [replace(message, class_name=place.class_name) for place in message.elsewhere]
