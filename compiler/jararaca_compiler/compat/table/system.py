"""What a change does to services that stay as they are, and in which order to deploy it."""

from __future__ import annotations

from jararaca_compiler.compat.table.rule import Rule

SYSTEM: tuple[Rule, ...] = (
    Rule("service-broken", "breaks {who}: {what}", "{fix}"),
    Rule("service-unbroken", "unbreaks {who}, of which it was true that {what}", ""),
    Rule("rollout", "deploy in this order: {steps}", ""),
    Rule(
        "rollout-impossible",
        "there is no order in which {names} can be deployed",
        "Accept both forms first, in one version of the receiver; then change the sender.",
    ),
)
