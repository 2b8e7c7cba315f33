"""Changes of what is generated that no other row tells: a difference is never passed over."""

from __future__ import annotations

from jararaca_compiler.compat.table.rule import Rule

_LOOK = "Compare what `jararaca codegen` writes for the two."
GENERATED: tuple[Rule, ...] = (
    Rule(
        "generated-default-changed",
        "the value of `{name}` when it is left out was {old} and is {new}",
        "Send the field explicitly everywhere before its default changes.",
    ),
    Rule("generated-type-changed", "`{name}` was {old} and is {new} in Python", _LOOK),
    Rule("generated-name-added", "`{name}` is new in Python", ""),
    Rule("generated-name-removed", "`{name}` was removed in Python", "Keep its name."),
    Rule("generated-check-changed", "the check of `{name}` has changed", ""),
    Rule("generated-setting-changed", "`{name}` was {old} and is {new}", _LOOK),
    Rule("generated-route-changed", "`{name}` of its route was {old} and is {new}", _LOOK),
    Rule("generated-topology-changed", "what is declared was {old} and is {new}", _LOOK),
)
