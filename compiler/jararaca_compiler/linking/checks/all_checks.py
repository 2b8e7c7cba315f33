"""What is wrong with a linked system: one file a kind of rule, and all of them."""

from __future__ import annotations

from collections.abc import Iterator

from jararaca_compiler.linking.checks.audience import audience
from jararaca_compiler.linking.checks.declarations import declarations
from jararaca_compiler.linking.checks.divisions import divisions
from jararaca_compiler.linking.checks.finding import Finding
from jararaca_compiler.linking.checks.links import broken_links, losses
from jararaca_compiler.linking.checks.publishing import unheeded
from jararaca_compiler.linking.checks.replies import broken_replies, correlations
from jararaca_compiler.linking.checks.virtual_hosts import virtual_hosts
from jararaca_compiler.linking.link import LinkedSystem

__all__ = ["breaks", "findings"]


def findings(system: LinkedSystem) -> Iterator[Finding]:
    """Everything that a rule finds, whatever its level."""
    yield from breaks(system)
    yield from audience(system)
    yield from unheeded(system)
    yield from virtual_hosts(system)


def breaks(system: LinkedSystem) -> Iterator[Finding]:
    """What is wrong whoever else takes part: what two of the participants do to one another."""
    yield from broken_links(system)
    yield from losses(system)
    yield from broken_replies(system)
    yield from correlations(system)
    yield from declarations(system.participants)
    yield from divisions(system)
