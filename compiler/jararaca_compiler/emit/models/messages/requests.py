"""What a message class that is a request has besides: `request`, and what its answers are."""

from __future__ import annotations

from collections.abc import Sequence

from jararaca_compiler import ir
from jararaca_compiler.emit.models.messages.publishing import (
    MAY_OVERRIDE,
    argument_text,
    headers_argument,
    values_text,
)
from jararaca_compiler.emit.python.formatting import docstring, statement

_METHODS = frozenset({"delay", "schedule"})
"""Of Message, beside those that no generated class has a field for (`publish`, `encode`)."""


def taken_by(message: ir.Message) -> frozenset[str]:
    """What nothing else in the class may be called: the methods, and a request's answers."""
    if message.kind == "websocket":
        return frozenset({"frame", "send"})
    if not message.replies:
        return _METHODS
    return _METHODS | {"request", *(class_name for class_name, _ in message.replies)}


def reply_type(message: ir.Message, prefix: str = "") -> str:
    """What a request is answered with, as an annotation; None for what is no request."""
    return " | ".join(f"{prefix}{class_name}" for class_name, _ in message.replies) or "None"


def request_text(message: ir.Message, headers: str | None) -> str:
    """`request` and `decode_reply`; an empty text for a message that is no request."""
    if not message.replies:
        return ""
    asking = request_method_text(message, message.parameters, headers)
    return f"{asking}\n{_decode_reply(message, reply_type(message))}"


def request_method_text(
    message: ir.Message,
    parameters: Sequence[ir.Parameter],
    headers: str | None,
    *,
    of_place: bool = False,
) -> str:
    """`request`, with the parameters of the channel that it goes to."""
    arguments = [argument_text(parameter) for parameter in parameters]
    arguments += ["timeout: float = 30.0", headers_argument(headers)]
    answers = reply_type(message)
    note = MAY_OVERRIDE if of_place else "\n"
    lines = [f"    async def request({note}", "        self,\n", "        *,\n"]
    lines += [f"        {argument},\n" for argument in arguments]
    lines.append(f'    ) -> "{answers}":\n')  # Its classes may stand further down.
    lines.append(docstring(["Publish, and wait for the answer, `timeout` seconds at most."], 8))
    asking = f"reply = await self._request({values_text(parameters)}, headers, timeout)"
    lines.append(statement(asking, 8))
    lines.append(statement("return self.decode_reply(reply)", 8))
    return "".join(lines)


def _decode_reply(message: ir.Message, answers: str) -> str:
    classes = ", ".join(class_name for class_name, _ in message.replies)
    return (
        "    @classmethod\n"
        f'    def decode_reply(cls, reply: Any) -> "{answers}":  # type: ignore[override]\n'
        f'        """The answer in a delivery. Raises DecodeError."""\n'
        f"{_chosen(answers, classes)}"
    )


def _chosen(answers: str, classes: str) -> str:
    """Type checkers would take several classes for what they have in common."""
    if "," not in classes:
        return statement(f"return cls._one_of(reply, {classes})", 8)
    kinds = statement(f"kinds: tuple[type[{answers}], ...] = ({classes})", 8)
    return kinds + statement("return cls._one_of(reply, *kinds)", 8)
