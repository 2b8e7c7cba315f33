"""`__partition_key__` of a message class: the attribute, or the header, that its messages go by."""

from __future__ import annotations

from typing import Any

from jararaca_compiler import ir
from jararaca_compiler.emit.python.formatting import statement, string
from jararaca_compiler.emit.types.schemas import Schemas
from jararaca_compiler.lower.partitioning.keys import steps_of
from jararaca_compiler.naming import field_names


def partition_key_text(
    partitions: ir.Partitions | None, schema: Any, schemas: Schemas, taken: frozenset[str]
) -> str:
    """The method; an empty text for a message that is not partitioned.

    `schema` is the payload's, `taken` what no attribute of the class is called.
    """
    place = None if partitions is None else steps_of(partitions.by)
    if place is None:
        return ""
    part, steps = place
    if part == "header":
        value = f"headers[{string(steps[0])}]"
    else:
        value = f"self.{_attribute(steps, schema, schemas, taken)}"
    return (
        "    def __partition_key__(self, headers: Mapping[str, Any]) -> object:\n"
        '        """What it is kept in order by."""\n'
    ) + statement(f"return {value}", 8)


def _attribute(steps: tuple[str, ...], schema: Any, schemas: Schemas, taken: frozenset[str]) -> str:
    names: list[str] = []
    for step in steps:
        keywords = schemas.flat(schema).keywords
        properties = keywords["properties"]
        names.append(field_names([*properties, *keywords.get("required", ())], taken)[step])
        schema, taken = properties[step], frozenset()
    return ".".join(names)
