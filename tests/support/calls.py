"""What tests ask of `rabbitmqctl`, called in the node itself.

`rabbitmqctl` starts an Erlang for each call (0.8 to 1.6 s of CPU); Erlang's own `erl_call` is a
small C program (5 ms).
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

Control = Callable[..., str]
"""What a `rabbitmqctl` with these arguments prints; raises `RuntimeError` where it fails."""

ERL_CALL = Path("/usr/bin/erl_call")

CALLS = {
    "add_vhost": "rabbit_vhost:add({0}, {who})",
    "delete_vhost": "rabbit_vhost:delete({0}, {who})",
    "set_vhost_limits": "rabbit_vhost_limit:parse_set({vhost}, {0}, {who})",
    "set_permissions": "{accounts}:set_permissions({0}, {vhost}, {1}, {2}, {3}, {who})",
    "clear_permissions": "{accounts}:clear_permissions({0}, {vhost}, {who})",
    "set_topic_permissions": "{accounts}:set_topic_permissions({0}, {vhost}, {1}, {2}, {3}, {who})",
    "add_user": "{accounts}:add_user({0}, {1}, {who})",
    "delete_user": "{accounts}:delete_user({0}, {who})",
    "change_password": "{accounts}:change_password({0}, {1}, {who})",
    "set_user_limits": "{accounts}:set_user_limits({0}, {1}, {who})",
    "stop_app": "rabbit:stop()",
    "start_app": "rabbit:start()",
    "stop": "begin spawn(fun rabbit:stop_and_halt/0), ok end",
}
"""Functions that RabbitMQ has had since 3.10, by the command that calls them."""

ACCOUNTS = "rabbit_auth_backend_internal"
ANSWER = "try {call} of ok -> ok; Other -> {{refused, Other}} catch _:Why -> {{refused, Why}} end."


def called(command: Sequence[str], node: str, cookie: Path, otherwise: Control) -> Control:
    """A control of this node by `erl_call`, which stands there; what it does not know is left."""

    def control(*arguments: str) -> str:
        expression = _expression(*arguments)
        if expression is None:
            return otherwise(*arguments)
        # A name of its own: the node refuses the second of two calls that bear the usual one.
        name, secret = f"call-{uuid4().hex[:8]}", cookie.read_text().strip()
        done = subprocess.run(
            [*command, "-h", name, "-sname", node, "-c", secret, "-e"],
            input=f"{expression}\n",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        told = done.stdout.strip()
        if arguments[0] == "eval" and told.startswith("{ok, "):
            return told.removeprefix("{ok, ").removesuffix("}")
        if told != "{ok, ok}":
            raise RuntimeError(f"{' '.join(arguments)}: {told}{done.stderr}")
        return ""

    return control


def _expression(command: str, *arguments: str) -> str | None:
    """The call in Erlang; None for a command, or a form of it, that is not known here."""
    if command == "eval":
        return arguments[0]
    vhost = "/"
    if arguments[:1] == ("-p",):
        vhost, arguments = arguments[1], arguments[2:]
    if command not in CALLS or any(each.startswith("-") for each in arguments):
        return None
    names = {"vhost": _binary(vhost), "who": _binary("tests"), "accounts": ACCOUNTS}
    call = CALLS[command].format(*map(_binary, arguments), **names)
    return ANSWER.format(call=call)


def _binary(text: str) -> str:
    """A text as Erlang writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'<<"{escaped}"/utf8>>'
