"""What a message class that is a request has besides: `request`, and what its answers are."""

from __future__ import annotations

from jararaca_compiler import ir
from jararaca_compiler.emit.python.formatting import docstring, statement, string

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


def request_text(message: ir.Message, headers: bool) -> str:
    """`request` and `decode_reply`; an empty text for a message that is no request."""
    if not message.replies:
        return ""
    arguments = [argument_text(parameter) for parameter in message.parameters]
    arguments += ["timeout: float = 30.0", headers_argument(headers)]
    answers = reply_type(message)
    lines = ["    async def request(\n", "        self,\n", "        *,\n"]
    lines += [f"        {argument},\n" for argument in arguments]
    lines.append(f'    ) -> "{answers}":\n')  # Its classes may stand further down.
    lines.append(docstring(["Publish, and wait for the answer, `timeout` seconds at most."], 8))
    asking = f"reply = await self._request({values_text(message)}, headers, timeout)"
    lines.append(statement(asking, 8))
    lines.append(statement("return self.decode_reply(reply)", 8))
    return "".join(lines) + "\n" + _decode_reply(message, answers)


def argument_text(parameter: ir.Parameter) -> str:
    """A topic's parameter as an argument."""
    default = f" = {string(parameter.default)}" if parameter.default is not None else ""
    if parameter.enum:
        kind = f"Literal[{', '.join(string(value) for value in parameter.enum)}]"
        return f"{parameter.python_name}: {kind}{default}"
    return f"{parameter.python_name}: str{default}"


def headers_argument(typed: bool) -> str:
    """The headers as an argument; `typed` where the message has a class for them."""
    kind = "Headers | Mapping[str, Any] | None" if typed else "Mapping[str, Any] | None"
    return f"headers: {kind} = None"


def values_text(message: ir.Message) -> str:
    """What the topic's parameters are, from the arguments."""
    values = ", ".join(f"{string(p.name)}: {p.python_name}" for p in message.parameters)
    return f"{{{values}}}"


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
