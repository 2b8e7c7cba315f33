"""Small systems that differ in one thing each, with the links and the rules that they break."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jararaca_compiler.linking.checks.all_checks import findings
from jararaca_compiler.linking.linker import link
from jararaca_compiler.linking.report.links import links_as_json
from jararaca_compiler.linking.system import own_participants
from jararaca_compiler.pipeline.compilation import read_contract
from jararaca_compiler.project.config import Config

Json = dict[str, Any]
ID = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
TEXT_ID = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}


def service(title: str, channels: Json, operations: Json, **more: Any) -> Json:
    info = {"title": title, "version": "1"}
    return {
        "asyncapi": "3.0.0",
        "info": info,
        "channels": channels,
        "operations": operations,
        **more,
    }


def one(
    title: str,
    action: str,
    address: str = "t.x",
    *,
    task: bool = False,
    amqp: Any = None,
    **more: Any,
) -> Json:
    """A service that sends or receives the message M."""
    message = {"payload": ID, **({"x-message-type": "task"} if task else {})}
    channel: Json = {"address": address, "messages": {"M": message}}
    if amqp is not None:
        channel["bindings"] = {"amqp": amqp}
    operation = {"action": action, "channel": {"$ref": "#/channels/c"}}
    return service(title, {"c": channel}, {"op": operation}, **more)


def queue(**properties: Any) -> Json:
    return {"is": "queue", "queue": {"name": "q", **properties}}


def exchange(name: str = "e", type: str = "topic", **properties: Any) -> Json:
    return {"is": "routingKey", "exchange": {"name": name, "type": type, **properties}}


def request(title: str, action: str, answers: Json, payload: Any = ID) -> Json:
    """A service that asks, or answers, with `answers` by their names."""
    messages = {"Ask": {"payload": payload, "x-message-type": "task"}}
    channels = {
        "c": {"address": "p.get", "messages": messages},
        "r": {"address": None, "messages": {k: {"payload": v} for k, v in answers.items()}},
    }
    operation: Json = {"action": action, "channel": {"$ref": "#/channels/c"}}
    if answers:
        operation["reply"] = {"channel": {"$ref": "#/channels/r"}}
    return service(title, channels if answers else {"c": channels["c"]}, {"op": operation})


def server(path: str) -> Json:
    return {"p": {"host": "b.example.com", "pathname": path, "protocol": "amqp"}}


SYSTEMS: list[tuple[str, list[Json], list[str], list[str]]] = [
    ("an event", [one("A", "send"), one("B", "receive")], ["proven"], []),
    (
        "an event that two hear",
        [one("A", "send"), one("B", "receive"), one("C", "receive")],
        ["proven", "proven"],
        [],
    ),
    (
        "a task that two take",
        [one("A", "send", task=True)] + [one(n, "receive", task=True) for n in "BC"],
        ["proven", "proven"],
        ["queue-shared", "task-taken-twice"],
    ),
    (
        "a task from two queues",
        [one("A", "send", task=True, amqp=exchange())]
        + [one(n, "receive", task=True, amqp={**exchange(), "queue": {"name": n}}) for n in "BC"],
        ["proven", "proven"],
        ["task-taken-twice"],
    ),
    (
        "an event nobody hears",
        [one("A", "send"), one("B", "receive", "t.y")],
        [],
        ["event-unheard", "never-sent"],
    ),
    ("a task nobody takes", [one("A", "send", task=True)], [], ["task-without-worker"]),
    (
        "another exchange",
        [one("A", "send", amqp=exchange("e")), one("B", "receive", amqp=exchange("f"))],
        [],
        ["event-unheard", "never-sent"],
    ),
    (
        "another type of exchange",
        [one("A", "send", amqp=exchange()), one("B", "receive", amqp=exchange(type="direct"))],
        ["proven"],
        ["declared-differently"],
    ),
    (
        "an exchange that is durable for one",
        [one("A", "send", amqp=exchange(durable=False)), one("B", "receive", amqp=exchange())],
        ["proven"],
        ["declared-differently"],
    ),
    *(
        (
            f"a queue whose {key} differs",
            [
                one("B", "receive", amqp=queue(**{key: value})),
                one("C", "receive", amqp=queue(**{key: other})),
            ],
            [],
            ["declared-differently", "never-sent", "never-sent", "queue-shared"],
        )
        for key, value, other in (
            ("durable", True, False),
            ("exclusive", True, False),
            ("autoDelete", True, False),
            ("x-message-ttl", 10, 20),
            ("x-max-priority", 5, 6),
            ("x-queue-type", "stream", "classic"),
            ("x-max-length", 5, 6),
            ("x-single-active-consumer", True, False),
        )
    ),
    (
        "a queue that its sender says otherwise",
        [
            one("A", "send", "q", task=True, amqp=queue(durable=False)),
            one("B", "receive", "q", task=True, amqp=queue(durable=True)),
        ],
        ["proven"],
        ["declared-differently"],
    ),
    (
        "a queue whose lifetime its sender says otherwise",
        [
            one("A", "send", "q", task=True, amqp=queue(**{"x-message-ttl": 5})),
            one("B", "receive", "q", task=True, amqp=queue()),
        ],
        ["proven"],
        ["declared-differently"],
    ),
    (
        "virtual hosts of servers",
        [one("A", "send", servers=server("/one")), one("B", "receive", servers=server("/two"))],
        ["proven"],
        ["virtual-host-differs"],
    ),
    (
        "virtual hosts of bindings",
        [
            one("A", "send", amqp=exchange(vhost="/one")),
            one("B", "receive", amqp=exchange(vhost="/two")),
        ],
        ["proven"],
        ["virtual-host-differs"],
    ),
    (
        "one virtual host, said in two ways",
        [one("A", "send", servers=server("/one")), one("B", "receive", amqp=exchange(vhost="one"))],
        [],
        ["event-unheard", "never-sent"],
    ),
    (
        "an event for one, a task for the other",
        [one("A", "send"), one("B", "receive", task=True)],
        ["proven"],
        ["kind-differs"],
    ),
    (
        "an answer",
        [request("A", "send", {"Ok": ID}), request("B", "receive", {"Ok": ID})],
        ["proven"],
        [],
    ),
    (
        "an answer of another type",
        [request("A", "send", {"Ok": ID}), request("B", "receive", {"Ok": TEXT_ID})],
        ["proven"],
        ["reply-refused"],
    ),
    (
        "one of two answers",
        [request("A", "send", {"Ok": ID, "No": TEXT_ID}), request("B", "receive", {"Ok": ID})],
        ["proven"],
        [],
    ),
    (
        "an answer that is not known",
        [
            request("A", "send", {"Ok": ID, "No": ID}),
            request("B", "receive", {"Ok": ID, "Late": ID}),
        ],
        ["proven"],
        ["reply-unknown"],
    ),
    (
        "an answer too many",
        [request("A", "send", {"Ok": ID}), request("B", "receive", {"Ok": ID, "No": TEXT_ID})],
        ["proven"],
        ["reply-refused"],
    ),
    (
        "no answer",
        [request("A", "send", {"Ok": ID}), request("B", "receive", {})],
        ["proven"],
        ["reply-missing"],
    ),
    (
        "an answer nobody asked for",
        [request("A", "send", {}), request("B", "receive", {"Ok": ID})],
        ["proven"],
        [],
    ),
    (
        "a request that is refused",
        [request("A", "send", {"Ok": ID}), request("B", "receive", {"Ok": ID}, TEXT_ID)],
        ["refused"],
        ["message-refused"],
    ),
]


@pytest.mark.parametrize(
    ("documents", "verdicts", "codes"), [e[1:] for e in SYSTEMS], ids=[e[0] for e in SYSTEMS]
)
def test_what_a_system_breaks(
    documents: list[Json], verdicts: list[str], codes: list[str], tmp_path: Path
) -> None:
    names = []
    for number, document in enumerate(documents):
        names.append(f"{number}.json")
        (tmp_path / names[-1]).write_text(json.dumps(document), encoding="utf-8")
    contract = read_contract(Config(sources=tuple(names)), tmp_path)
    assert contract.is_sound, contract.diagnostics
    linked = link(own_participants(contract))
    assert [each["verdict"] for each in links_as_json(linked, {})] == verdicts
    assert sorted(each.code for each in findings(linked)) == codes
