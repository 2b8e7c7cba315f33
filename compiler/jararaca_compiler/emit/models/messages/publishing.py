"""`publish` of a message class: the topic's parameters as arguments, and typed headers."""

from __future__ import annotations

from collections.abc import Sequence

from jararaca_compiler import ir
from jararaca_compiler.emit.models.messages.parameters import value_type
from jararaca_compiler.emit.python.formatting import docstring, statement, string

OVERRIDES = "  # type: ignore[override]\n"
MAY_OVERRIDE = "  # type: ignore[override, unused-ignore]\n"
"""Of a further channel's class: whether its parameters fit in the place of the message's own
depends on both, and either is right."""


def publish_text(
    parameters: Sequence[ir.Parameter], headers: str | None, *, of_place: bool = False
) -> str:
    """The method; none where the base class's says it already, which `of_place` does not ask.

    `headers` is the class of the headers, None where they are a mapping only.
    """
    if not (parameters or headers or of_place):
        return ""
    arguments = [argument_text(parameter) for parameter in parameters]
    arguments += [headers_argument(headers), "message_id: str | None = None"]
    lines = [
        f"    async def publish({MAY_OVERRIDE if of_place else OVERRIDES}",
        "        self,\n",
        "        *,\n",
    ]
    lines += [f"        {argument},\n" for argument in arguments]
    lines.append("    ) -> None:\n")
    lines.append(docstring([_doc(parameters)], 8))
    call = f"await self._publish({values_text(parameters)}, headers, message_id)"
    return "".join(lines) + statement(call, 8)


def argument_text(parameter: ir.Parameter) -> str:
    """A topic's parameter as an argument."""
    kind = value_type(parameter.enum)
    if parameter.location is not None:
        return f"{parameter.python_name}: {kind} | None = None"
    default = f" = {string(parameter.default)}" if parameter.default is not None else ""
    return f"{parameter.python_name}: {kind}{default}"


def headers_argument(typed: str | None) -> str:
    """The headers as an argument; `typed` is the message's class for them."""
    kind = f"{typed} | Mapping[str, Any] | None" if typed else "Mapping[str, Any] | None"
    return f"headers: {kind} = None"


def values_text(parameters: Sequence[ir.Parameter]) -> str:
    """What the topic's parameters are, from the arguments."""
    values = ", ".join(f"{string(p.name)}: {p.python_name}" for p in parameters)
    return f"{{{values}}}"


def _doc(parameters: Sequence[ir.Parameter]) -> str:
    told = [
        f"{p.python_name}: {' '.join(p.description.split())}" for p in parameters if p.description
    ]
    return "\n".join(
        ["Publish, and wait for the broker's confirm.", *([""] if told else []), *told]
    )
