"""The parameters of a message's topics as a TypedDict: what type checkers know of them."""

from __future__ import annotations

from collections.abc import Sequence

from jararaca_compiler import ir
from jararaca_compiler.emit.models.class_text import class_text
from jararaca_compiler.emit.python.formatting import docstring, statement, string
from jararaca_compiler.naming import KEYWORDS

PARAMETERS = "TopicParameters"


def value_type(values: Sequence[str]) -> str:
    """The annotation of a parameter that has one of these values; of any, where there are none."""
    return f"Literal[{', '.join(map(string, values))}]" if values else "str"


def parameters_text(topics: Sequence[Sequence[ir.Parameter]]) -> str:
    """The class, nested in the message's; none where there is nothing to say.

    `topics` are the parameters of each topic that the message may come from: what only some of
    them have is not required. A name that no attribute could have leaves all of them untyped.
    """
    names = list(dict.fromkeys(each.name for topic in topics for each in topic))
    if not names or not all(name.isidentifier() and name not in KEYWORDS for name in names):
        return ""
    lines = [statement(f"{name}: {_type(name, topics)}", 8) for name in names]
    doc = docstring(["What `message.parameters` are."], 8)
    return class_text(PARAMETERS, "TypedDict", doc, ["".join(lines)], 1)


def _type(name: str, topics: Sequence[Sequence[ir.Parameter]]) -> str:
    found = [each for topic in topics for each in topic if each.name == name]
    values = dict.fromkeys(value for each in found for value in each.enum)
    kind = value_type(list(values) if all(each.enum for each in found) else ())
    return kind if len(found) == len(topics) else f"NotRequired[{kind}]"
