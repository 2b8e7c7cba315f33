"""Matching: which handler of its queue a delivery goes to, and what becomes of one without."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from jararaca.contract import topics
from jararaca.handling.bound_handler import BoundHandler
from jararaca.handling.decision import DeadLetter, Decision, Foreign
from jararaca.printable import logger_named
from jararaca.publishing.publication import MAX_BODY
from jararaca.routing.table import Mark, Route
from jararaca.transport import Delivery

logger = logger_named("jararaca.worker")

NO_HEADERS: Mapping[str, Any] = MappingProxyType({})


class Chooser:
    """Finds the route of each delivery of one queue, by name, by topic, by marks.

    Names are looked up once: a queue may have hundreds of handlers, and each delivery asks.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = tuple(routes)
        names = {route.message.MESSAGE_NAME for route in self._routes}
        self._others = frozenset(n for route in self._routes for n in route.others) - names
        self._by_name = {name: tuple(_named(self._routes, name)) for name in names}

    def of(self, delivery: Delivery) -> Route | None:
        """The route of a delivery. None: no route is meant, or several could be."""
        # What is too long is dead-lettered anyway: it is not worth reading.
        body = delivery.body if len(delivery.body) <= MAX_BODY else b""
        key = delivery.routing_key
        return self.choose(delivery.properties.type, key, delivery.theirs, body)

    def choose(
        self,
        type_: str | None,
        routing_key: str,
        headers: Mapping[str, Any] = NO_HEADERS,
        body: bytes = b"",
    ) -> Route | None:
        """The route of a message: the queue's only one; else by message name, topic, marks.

        The AMQP `type` property carries the name; body and headers are looked at only where
        neither name nor topic decides.
        """
        if type_ in self._others:
            return None
        named = self._routes
        if type_ is not None and len(named) > 1:
            named = self._by_name.get(type_, ())
        return _among(named, routing_key, headers, body)


class Matcher:
    """Finds the handler of each delivery of one queue."""

    def __init__(self, handlers: Sequence[BoundHandler], patterns: Sequence[str] = ()) -> None:
        self._handlers = {id(handler.route): handler for handler in handlers}
        self._routes = tuple(handler.route for handler in handlers)
        self._patterns = tuple(patterns)
        all_for_one = len(handlers) == 1 and not patterns and takes_all(self._routes[0])
        self._only = handlers[0] if all_for_one else None
        self._chooser = Chooser(self._routes)
        self._warned: set[Foreign] = set()

    def match(self, delivery: Delivery) -> BoundHandler | Decision:
        """The handler of a delivery; where it has none, the decision about it."""
        if self._patterns and (key := self._unhandled_topic(delivery.routing_key)) is not None:
            return Decision(delivery, self._told(delivery, Foreign(key)))
        handler = self._only or self._chosen(delivery)
        return Decision(delivery, self._refusal(delivery)) if handler is None else handler

    def _chosen(self, delivery: Delivery) -> BoundHandler | None:
        route = self._chooser.of(delivery)
        return None if route is None else self._handlers[id(route)]

    def _refusal(self, delivery: Delivery) -> DeadLetter | Foreign:
        refused = refusal(
            self._routes, delivery.queue, delivery.properties.type, delivery.routing_key
        )
        return self._told(delivery, refused) if isinstance(refused, Foreign) else refused

    def _unhandled_topic(self, routing_key: str) -> str | None:
        """The pattern that has let a topic through which no handler takes."""
        if any(_is_bound(route, routing_key) for route in self._routes):
            return None
        return next((key for key in self._patterns if topics.matches(key, routing_key)), None)

    def _told(self, delivery: Delivery, refused: Foreign) -> Foreign:
        """Log the first foreign message, once for each reason."""
        if refused not in self._warned:
            self._warned.add(refused)
            logger.warning(
                "%s: %s, such as %s: acked and not handled (logged once)",
                delivery.queue,
                refused.why,
                delivery.routing_key,
            )
        return refused


def _among(
    named: Sequence[Route], routing_key: str, headers: Mapping[str, Any], body: bytes
) -> Route | None:
    """Of the routes of one name the one that is meant."""
    if len(named) == 1:
        return None if is_foreign(named[0], routing_key) else named[0]
    own = [route for route in named if not is_foreign(route, routing_key)]
    bound = [route for route in own if _is_bound(route, routing_key)]
    if len(bound) == 1:
        return bound[0]
    if not bound and len(own) < len(named):
        return None
    return _by_marks(bound or own, headers, body)


def refusal(
    routes: Sequence[Route], queue: str, type_: str | None, routing_key: str
) -> DeadLetter | Foreign:
    """What becomes of a delivery that takes no route; a dead letter's reason names the message."""
    if (topic := _foreign_topic(routes, routing_key)) is not None:
        return Foreign(topic)
    if type_ is not None and is_other(routes, type_):
        return _of_others(routes, queue, type_)
    known = ", ".join(sorted({route.message.MESSAGE_NAME for route in routes}))
    if type_ is not None and len(_named(routes, type_)) > 1:
        return DeadLetter(
            f"ambiguous message {type_}, topic {routing_key}: {queue} takes several with "
            "this name, and no constant property or header tells them apart"
        )
    name = type_ or f"without a type, topic {routing_key}"
    return DeadLetter(f"unknown message {name}: {queue} takes {known}")


def is_foreign(route: Route, routing_key: str) -> bool:
    """Whether the route's binding key lets a topic through that its channel does not have.

    RabbitMQ matches whole words: `lights/{id}/on` binds `*`, and so `lights/1/off` comes too.
    """
    if not route.parameters or not _is_bound(route, routing_key):
        return False
    words = routing_key.split(".")
    return any(
        len(each) == 3 and each[1] < len(words) and not re.fullmatch(each[2], words[each[1]])
        for each in route.parameters
    )


def takes_all(route: Route) -> bool:
    """Whether whatever comes to the queue of this one route is for it."""
    return not route.others and all(len(each) == 2 for each in route.parameters)


def is_other(routes: Sequence[Route], type_: str | None) -> bool:
    """Whether the channel carries this message too, and no operation of the queue receives it."""
    if type_ is None or any(type_ == route.message.MESSAGE_NAME for route in routes):
        return False
    return any(type_ in route.others for route in routes)


def _of_others(routes: Sequence[Route], queue: str, type_: str) -> DeadLetter | Foreign:
    """An event came to its own receivers as well; a task is here only, and must not be lost."""
    if any(route.message.MESSAGE_TYPE == "task" for route in routes):
        return DeadLetter(f"{type_} comes through the queue {queue}, and no operation receives it")
    return Foreign(routes[0].binding_keys[0], type_)


def _named(routes: Sequence[Route], type_: str | None) -> Sequence[Route]:
    if type_ is None or len(routes) == 1:
        return routes
    return [route for route in routes if type_ == route.message.MESSAGE_NAME]


def _is_bound(route: Route, routing_key: str) -> bool:
    return any(topics.matches(key, routing_key) for key in route.binding_keys)


def _foreign_topic(routes: Sequence[Route], routing_key: str) -> str | None:
    """The binding key that let a foreign topic through; None where a route has the topic."""
    bound = [route for route in routes if _is_bound(route, routing_key)]
    if not bound or not all(is_foreign(route, routing_key) for route in bound):
        return None
    return next(key for key in bound[0].binding_keys if topics.matches(key, routing_key))


def _by_marks(candidates: Sequence[Route], headers: Mapping[str, Any], body: bytes) -> Route | None:
    """The one whose constants the message has; the first where all take the same message."""
    if len({route.message for route in candidates}) > 1:
        payload = _payload(body)
        found = {"payload": payload, "header": headers}
        candidates = [
            route
            for route in candidates
            if route.marks and all(_has(found[mark[0]], mark) for mark in route.marks)
        ]
    return candidates[0] if len({route.message for route in candidates}) == 1 else None


def _payload(body: bytes) -> Mapping[str, Any]:
    """The body's properties; none where it is no JSON object: decoding says later what is wrong."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _has(values: Mapping[str, Any], mark: Mark) -> bool:
    """JSON's equality: `true` is not 1."""
    _, name, constant = mark
    value = values.get(name)
    return type(value) is type(constant) and value == constant
