"""What a finding is called: `shop.orderPlaced -> warehouse.reserveStock`."""

from __future__ import annotations

from jararaca_compiler import ir
from jararaca_compiler.linking.delivery.publications import Publication
from jararaca_compiler.linking.participant import Participant


def subject_of(
    publication: Publication,
    receiver: Participant | None = None,
    operation: ir.Operation | None = None,
) -> str:
    """The publication, and whom it goes to."""
    sent = f"{publication.sender.name}.{publication.message.name}"
    if receiver is None:
        return sent
    return f"{sent} -> {receiver.name}" + ("" if operation is None else f".{operation.id}")
