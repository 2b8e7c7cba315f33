"""Changes of what is declared on the broker."""

from __future__ import annotations

from jararaca_compiler.compat.table.rule import Rule

_QUEUE = (
    "RabbitMQ refuses to declare a queue that exists with other properties: stop its workers once"
    " it is empty, run `rabbitmqctl delete_queue {name}`, and start the new ones; or give the"
    " queue a new name and drain the old one."
)
BROKER: tuple[Rule, ...] = (
    Rule("queue-added", "the queue is new: it gets messages once it is declared", ""),
    Rule(
        "queue-removed",
        "the queue is no longer consumed",
        "It stays on the broker, bound and filling up: let the old workers drain it, then run"
        " `rabbitmqctl delete_queue {name}`.",
    ),
    Rule("queue-changed", "{differences}", _QUEUE),
    Rule(
        "exchange-redeclared",
        "its {key} was {old} and is {new}",
        "RabbitMQ refuses to declare an exchange that exists with other properties: give it a new"
        " name, or delete the old one while all services are stopped.",
    ),
    Rule(
        "own-exchange-renamed",
        "the services' own exchange was `{old}` and is `{new}`",
        "Bind the new exchange to the old one (exchange-to-exchange) until every service has"
        " moved.",
    ),
    Rule("exchange-added", "the exchange is new", ""),
    Rule("exchange-removed", "the exchange is no longer declared", ""),
    Rule("binding-added", "it is now also bound to `{key}` of `{exchange}`", ""),
    Rule(
        "binding-removed",
        "it is no longer bound to `{key}` of `{exchange}`",
        "RabbitMQ keeps the old binding: remove it with `rabbitmqadmin delete binding` or in the"
        " management page, or what arrives through it is dead-lettered as unknown.",
    ),
)
