"""The contract as a test: every handler takes every example of its message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jararaca.application.microservice import Microservice
from jararaca.contract import headers, topics
from jararaca.contract.message_ids import new_message_id
from jararaca.handlers.decorators import spec_of
from jararaca.handlers.outcome import Handled
from jararaca.routing.examples import Example, examples_of
from jararaca.routing.table import Route, Service
from jararaca.testing.alone import handled_alone
from jararaca.testing.bus import TestBus
from jararaca.testing.payloads import generated
from jararaca.transport import Properties, Publication


@dataclass(frozen=True)
class ContractCase:
    """A handler, and an example that it is to take; as a text, the name of the case."""

    route: Route
    example: Example

    def __str__(self) -> str:
        spec = spec_of(self.route.handler)
        of_several = f"-{self.route.message.__name__}" if len(spec.messages) > 1 else ""
        return f"{self.route.controller.__qualname__}.{spec.name}{of_several}-{self.example.name}"

    async def run(self, bus: TestBus) -> Handled:
        """Have this handler alone handle the example, with its retries; what became of it."""
        return await handled_alone(bus, self.route.queue, self._publication())

    def _publication(self) -> Publication:
        message = self.route.message
        return Publication(
            routing_key=self.route.queue,
            body=self.example.body(),
            exchange="",
            properties=Properties(
                message_id=new_message_id(),
                type=message.MESSAGE_NAME,
                content_type=message.MESSAGE_CONTENT_TYPE,
            ),
            headers={
                **self.example.headers,
                headers.TOPIC: _routing_key(self.route, self.example.parameters),
                headers.EXCHANGE: message.MESSAGE_EXCHANGE or "",
            },
            mandatory=True,
            signed=True,
        )


def contract_cases(app: Microservice) -> list[ContractCase]:
    """Every written handler with every example of its message, for `pytest.mark.parametrize`.

    A message without an example in the document gets one that is made from its schema. Raises
    ConfigurationError where that needs the extra `testing`, NoExampleError where it fails.
    """
    return [
        ContractCase(route, example)
        for service in app.services
        for route in service.routes
        if not spec_of(route.handler).stub
        for example in _examples(service, route)
    ]


def _examples(service: Service, route: Route) -> list[Example]:
    name = route.message.MESSAGE_NAME
    documented = [each for each in examples_of(service) if each.message == name]
    return documented or [_generated(route)]


def _generated(route: Route) -> Example:
    payload = generated(route.message).model_dump(mode="json", by_alias=True, exclude_unset=True)
    named = {parameter[0]: parameter[0] for parameter in route.parameters}
    return Example(route.message.MESSAGE_NAME, "generated", payload, {}, named)


def _routing_key(route: Route, parameters: Mapping[str, str]) -> str:
    """The topic of the message, or the handler's own, with the example's parameters."""
    topic = route.message.MESSAGE_TOPIC
    names = set(topics.PARAMETER.findall(topic))
    if names <= parameters.keys():
        key = topics.routing_key(topic, {name: parameters[name] for name in names})
        if any(topics.matches(binding, key) for binding in route.binding_keys):
            return key
    words = route.binding_keys[0].split(".") if route.binding_keys else []
    for name, at in (parameter[:2] for parameter in route.parameters):
        words[at] = parameters.get(name, name)
    return ".".join(words)
