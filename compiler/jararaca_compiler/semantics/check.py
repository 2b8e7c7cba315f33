"""What a service must keep to make sense on a broker: the list of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, ordered
from jararaca_compiler.reading.load import Documents
from jararaca_compiler.semantics import addresses, messages, names, operations

Rule = Callable[[ir.Service, Documents], Iterator[Diagnostic]]
CAUSES = frozenset({"misspelt-key", "unresolved-ref"})
CONSEQUENCES = frozenset(
    {"message-without-channel", "message-without-schema", "channel-without-address"}
)
"""What one of the causes elsewhere in a document may bring about: told once there is none."""

_RULES: tuple[Rule, ...] = (
    addresses.parameters_are_words,
    addresses.addresses_are_routing_keys,
    addresses.channels_have_addresses,
    names.names_fit,
    names.names_are_free,
    operations.operations_are_distinct,
    operations.bindings_are_disjoint,
    operations.queues_get_what_is_received,
    messages.wire_names_are_distinct,
    messages.messages_have_schemas,
    messages.messages_have_channels,
    messages.bodies_are_json,
    messages.publishing_has_effect,
    operations.replies_have_messages,
    operations.operations_have_one_kind,
    operations.websockets_have_no_handlers,
    addresses.exchanges_match_parameters,
)


def check(service: ir.Service, documents: Documents) -> tuple[Diagnostic, ...]:
    """Every rule's findings, sorted by place."""
    return ordered(d for rule in _RULES for d in rule(service, documents))
