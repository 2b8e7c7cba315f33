"""What `jararaca dev` adds to the pages: publishing an example, and what was handled, live."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from jararaca.application.microservice import Microservice
from jararaca.contract.topics import PARAMETER
from jararaca.errors import JararacaError
from jararaca.handlers.outcome import Handled
from jararaca.messages.base_message import from_json, to_json
from jararaca.messages.message import Message
from jararaca.publishing.publisher import Publisher
from jararaca.routing.examples import examples_of
from jararaca.transport import Transport

Answer = tuple[int, str, bytes]
JSON = "application/json; charset=utf-8"
ASSETS = {
    "/-/dev.js": "text/javascript; charset=utf-8",
    "/-/dev.css": "text/css; charset=utf-8",
}
MESSAGES, PUBLISH = "/-/messages", "/-/publish"
PUBLISH_SECONDS = 30
KEPT = 500
"""How many past events a page gets when it is opened."""


class PageApi:
    """Publishes what a page asks for, and keeps what became of the deliveries.

    Pages are served by threads and messages are handled by the event loop: `publish` crosses over.
    """

    head = (
        '<link rel="stylesheet" href="/-/dev.css">\n'
        '<script type="module" src="/-/dev.js"></script>\n'
    )

    def __init__(self, microservice: Microservice, transport: Transport) -> None:
        self._publisher = Publisher(transport)
        self._loop = asyncio.get_running_loop()
        self._messages = {
            f"{service.name}/{message.__name__}": message
            for service in microservice.services
            for message in service.messages
        }
        self._described = _described(microservice)
        self._events: list[str] = []
        self._count = 0
        self._told = threading.Condition()

    def get(self, path: str) -> Answer | None:
        """The script, its style, and the messages with their examples."""
        if path in ASSETS:
            asset = files("jararaca.dev").joinpath("assets", path.rpartition("/")[2])
            return 200, ASSETS[path], asset.read_bytes()
        if path == MESSAGES:
            return 200, JSON, json.dumps(self._described).encode()
        return None

    def post(self, path: str, body: bytes) -> Answer:
        """Publish; what is wrong with the message is the answer's `error`."""
        if path != PUBLISH:
            return 404, JSON, b'{"error": "there is nothing here"}'
        try:
            asked = json.loads(body)
            message = from_json(self._messages[asked["message"]], asked["body"].encode())
            parameters = {str(k): str(v) for k, v in asked["parameters"].items()}
        except JararacaError as error:
            return _refused(str(error))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            return _refused(f"not a request of this page: {error}")
        publishing = self._publisher.publish(message, parameters=parameters)
        try:
            asyncio.run_coroutine_threadsafe(publishing, self._loop).result(PUBLISH_SECONDS)
        except (JararacaError, TimeoutError) as error:
            return _refused(str(error) or "it was not published in time")
        return 200, JSON, b"{}"

    def heard(self, handled: Handled) -> None:
        """Keep what became of a delivery: the worker's listener."""
        event = {
            "time": time.strftime("%H:%M:%S"),
            "outcome": handled.outcome,
            "handler": handled.handler or handled.queue,
            "message": type(handled.message).__name__ if handled.message else None,
            "body": _body(handled.message),
            "attempt": handled.attempt,
            "reason": handled.reason,
        }
        with self._told:
            self._events.append(json.dumps(event))
            self._count += 1
            del self._events[:-KEPT]
            self._told.notify_all()

    def wait(self, known: int, seconds: float) -> tuple[int, Sequence[str]]:
        """The events after the first `known` ones, as soon as there is one."""
        with self._told:
            self._told.wait_for(lambda: self._count > known, seconds)
            new = min(self._count - known, len(self._events))
            return self._count, self._events[len(self._events) - new :]


def _described(microservice: Microservice) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{service.name}/{message.__name__}",
            "topic": message.MESSAGE_TOPIC,
            "parameters": PARAMETER.findall(message.MESSAGE_TOPIC),
            "examples": [
                {"payload": each.payload, "parameters": dict(each.parameters)}
                for each in examples_of(service)
                if each.message == message.MESSAGE_NAME
            ],
        }
        for service in microservice.services
        for message in service.messages
    ]


def _body(message: Message | None) -> str:
    return "" if message is None else to_json(message).decode()


def _refused(text: str) -> Answer:
    # A refused message is an answer like another: a status of 422 would be an error in the console.
    return 200, JSON, json.dumps({"error": text}).encode()
