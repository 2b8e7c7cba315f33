"""Random systems of exchanges, queues and binding keys, as the documents of three services."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

Json = dict[str, Any]
TYPES = ("topic", "topic", "topic", "direct", "fanout", "headers")
WORDS = ("a", "b", "c")
PARAMETERS = ("{p}", "{q}", "b-{p}")
PARTITIONS = {"count": 2, "by": "$message.payload#/id"}
PAYLOAD = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
VALUES = ("a", "b", "x1", "b-a")


@dataclass(frozen=True, slots=True)
class TopologyMaker:
    """Makes documents whose exchanges and queues begin with `prefix`."""

    random: Random
    prefix: str

    def documents(self) -> dict[str, Json]:
        """A sender and two receivers, by file name."""
        exchanges = self._exchanges()
        return {
            "sender.json": self._service("Sender", "send", exchanges, 4),
            "first.json": self._service("First", "receive", exchanges, 3),
            "second.json": self._service("Second", "receive", exchanges, 3),
        }

    def _exchanges(self) -> list[Json]:
        made: list[Json] = []
        for number in range(self.random.randint(2, 3)):
            made.append({"name": f"{self.prefix}.e{number}", "type": self.random.choice(TYPES)})
        for exchange in made:
            if self.random.random() < 0.4:
                name = self.random.choice(made)["name"]
                exchange["arguments"] = {"alternate-exchange": name}
        return made

    def _service(self, title: str, action: str, exchanges: list[Json], count: int) -> Json:
        channels: Json = {}
        for number in range(count):
            exchange = self.random.choice(exchanges)
            is_keyed = exchange["type"] == "topic"
            channels[f"{title}{number}"] = self._channel(title, number, exchange, is_keyed)
        if self.random.random() < 0.3:
            channels[f"{title}Task"] = self._task()
        operations = {
            f"do{key}": {"action": action, "channel": {"$ref": f"#/channels/{key}"}}
            for key in channels
        }
        return {
            "asyncapi": "3.0.0",
            "info": {"title": f"{title} {self.prefix}", "version": "1"},
            "channels": channels,
            "operations": operations,
        }

    def _channel(self, title: str, number: int, exchange: Json, is_keyed: bool) -> Json:
        choices = [*WORDS, *WORDS, *(PARAMETERS if is_keyed else ())]
        wild = ("*", "#") if is_keyed and title != "Sender" else ()
        words = [self.random.choice((*choices, *wild)) for _ in range(self.random.randint(1, 3))]
        address = ".".join(words)
        named = [p for p in ("p", "q") if f"{{{p}}}" in address]
        partitions = {"x-partitions": PARTITIONS} if self.random.random() < 0.3 else {}
        return {
            **partitions,
            "address": address,
            "parameters": {name: self._parameter() for name in named},
            "messages": {f"{title}M{number}": {"payload": PAYLOAD if partitions else {}}},
            "bindings": {"amqp": {"is": "routingKey", "exchange": exchange}},
        }

    def _parameter(self) -> Json:
        if self.random.random() < 0.5:
            return {}
        return {"enum": self.random.sample(VALUES, self.random.randint(1, 2))}

    def _task(self) -> Json:
        queue = {"name": f"{self.prefix}.q", "durable": True}
        return {
            "address": "task",
            "messages": {"Task": {"payload": {}, "x-message-type": "task"}},
            "bindings": {
                "amqp": {"is": "queue", "queue": queue, "exchange": {"name": "", "type": "default"}}
            },
        }
