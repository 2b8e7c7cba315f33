"""The table of changes: each code's wording and what to do instead."""

from __future__ import annotations

from jararaca_compiler.compat.table.broker import BROKER
from jararaca_compiler.compat.table.fields import FIELDS
from jararaca_compiler.compat.table.generated import GENERATED
from jararaca_compiler.compat.table.messages import MESSAGES
from jararaca_compiler.compat.table.operations import OPERATIONS
from jararaca_compiler.compat.table.rule import Rule
from jararaca_compiler.compat.table.system import SYSTEM

RULES: dict[str, Rule] = {
    rule.code: rule for rule in FIELDS + MESSAGES + OPERATIONS + BROKER + GENERATED + SYSTEM
}
