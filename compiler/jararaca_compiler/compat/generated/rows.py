"""Which changes explain a row of the tables: of routes, of what is declared, of schedules."""

from __future__ import annotations

from collections.abc import Sequence

from jararaca_compiler.compat.change import Change
from jararaca_compiler.compat.generated.unit import Key
from jararaca_compiler.compat.table.broker import BROKER
from jararaca_compiler.compat.table.fields import FIELDS

_BROKER = {rule.code for rule in BROKER}
_FIELDS = {rule.code for rule in FIELDS} - {"field-deprecated", "default-changed", "schema-renamed"}
_OPERATIONS = {"operation-added", "operation-removed"}
_MESSAGES = {
    *("operation-message-added", "operation-message-removed", "handler-message-changed"),
    *("message-added", "message-added-to-channel", "message-removed", "message-renamed"),
    *("class-renamed", *_OPERATIONS),
}
_TOPICS = {"topic-changed", "own-channel-changed", "parameter-renamed", "kind-changed"}
_PARAMETERS = {
    *("parameter-value-added", "parameter-value-removed"),
    *("parameter-enum-added", "parameter-enum-removed"),
}
_QUEUES = {"kind-changed", "exchange-changed", "partitions-changed", "stream-filter-changed"}
_OF_A_ROUTE: dict[str, set[str]] = {
    "operation": {"handler-renamed", *_MESSAGES, *_TOPICS, *_QUEUES, *_BROKER},
    "queue": {*_OPERATIONS, *_QUEUES, *_BROKER},
    "binding_keys": {*_OPERATIONS, *_TOPICS, *_QUEUES, *_BROKER},
    "handler": {"handler-renamed", *_MESSAGES},
    "others": {*_MESSAGES, *_TOPICS},
    "marks": {*_MESSAGES, *_FIELDS},
    "parameters": {*_OPERATIONS, *_TOPICS, *_PARAMETERS},
    "allowed": {*_OPERATIONS, *_TOPICS, *_PARAMETERS},
    "locations": {*_OPERATIONS, *_TOPICS},
}
_DECLARED = {*_BROKER, *_MESSAGES, *_TOPICS, *_QUEUES, "schedule-added", "schedule-removed"}


def row_explained(key: Key, told: Sequence[Change]) -> bool:
    """Whether one of the changes is about what a row says; `told` are those that may be."""
    codes = {change.code for change in told}
    if key.kind == "clock":
        return any(code.startswith("schedule-") for code in codes)
    if key.kind == "route":
        return bool(codes & _OF_A_ROUTE.get(key.name, codes))
    return bool(codes & _DECLARED)
