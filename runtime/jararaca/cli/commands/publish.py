"""`jararaca publish`: validates one message, publishes it, and waits for the confirm."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from jararaca.cli.console import paint, say
from jararaca.cli.help import RUN, examples
from jararaca.cli.options import DEFAULT_BROKER_URL, AppOption, BrokerUrl
from jararaca.errors import ConfigurationError, UnroutableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from jararaca.application.microservice import Microservice
    from jararaca.cli.message_lookup import Candidate
    from jararaca.messages.message import Message
    from jararaca.routing.examples import Example

EPILOG = examples(
    """jararaca publish shop.eu.order.placed '{"order_id": "7", "total": 12.5}'""",
    "jararaca publish shop.eu.order.placed --example",
    "jararaca publish shop.eu.order.placed --example 'two lines'",
    "cat order.json | jararaca publish shop.eu.order.placed -",
)


COMMAND = "jararaca publish"
"""Who publishes, as AMQP's `app_id` tells: no service, but somebody by hand."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=RUN, epilog=EPILOG)(publish)


def publish(
    topic: Annotated[
        str,
        typer.Argument(metavar="TOPIC", help="The topic, with values in place of its parameters."),
    ],
    body: Annotated[
        str | None,
        typer.Argument(
            metavar="JSON",
            help="The payload, or `-` for stdin. With --example: the example's name.",
        ),
    ] = None,
    example: Annotated[
        bool,
        typer.Option(
            "--example", help="Send an example from the document: the named one, or the first."
        ),
    ] = False,
    message: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The message's name, if the topic has several."),
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A header. Can be repeated."),
    ] = None,
    app: AppOption = None,
    broker_url: BrokerUrl = DEFAULT_BROKER_URL,
) -> None:
    """Validate and publish a message, and wait for the confirm."""
    import asyncio

    from jararaca.application.loading import load_application
    from jararaca.cli.message_lookup import candidates, decoded
    from jararaca.contract.topics import PARAMETER

    microservice = load_application(app)
    messages = list(dict.fromkeys(m for each in microservice.services for m in each.messages))
    found = candidates(messages, topic, message)
    headers: Mapping[str, Any] = {}
    parameters: Mapping[str, str] = {}
    if example:
        chosen = _example(microservice, found, body)
        text, headers, parameters = chosen.body().decode(), chosen.headers, chosen.parameters
        found = [each for each in found if chosen.message == each.message.MESSAGE_NAME]
    elif body is None:
        raise ConfigurationError(
            "nothing to publish: give a JSON payload, `-` for stdin, or --example"
        )
    else:
        text = sys.stdin.read() if body == "-" else body
    candidate, value = decoded(found, text)
    known = PARAMETER.findall(candidate.message.MESSAGE_TOPIC)
    parameters = candidate.parameters or {k: v for k, v in parameters.items() if k in known}
    asyncio.run(_publish(value, parameters, {**headers, **_headers(header or ())}, broker_url))


def _headers(given: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` as headers. Raises ConfigurationError."""
    for text in given:
        if not text.partition("=")[1] or text.startswith("="):
            raise ConfigurationError(f"--header {text!r}: write NAME=VALUE")
    return {name: value for name, _, value in (text.partition("=") for text in given)}


async def _publish(
    message: Message, parameters: Mapping[str, str], headers: Mapping[str, Any], broker_url: str
) -> None:
    from dataclasses import replace

    from jararaca.publishing.publication import publication_of
    from jararaca.transport.connect import transport_for

    publication = publication_of(message, parameters, headers, app_id=COMMAND)
    transport = transport_for(broker_url)
    await transport.connect()
    told = f"{message.MESSAGE_NAME} to {publication.routing_key}"
    told += f" (message id {publication.properties.message_id})"
    try:
        await transport.publish(replace(publication, mandatory=True))
        say(f"{paint('confirmed', 'good')} {told}")
    except UnroutableError:
        if publication.mandatory:
            raise
        say(f"{paint('confirmed', 'good')} {told}")
        say(paint("no queue received it: this event has no listener yet", "warn"))
    finally:
        await transport.close()


def _example(microservice: Microservice, found: Sequence[Candidate], name: str | None) -> Example:
    """The first example of the candidates, or the named one. Raises ConfigurationError."""
    from jararaca.routing.examples import examples_of

    wanted = {candidate.message.MESSAGE_NAME for candidate in found}
    every = [
        each
        for service in microservice.services
        for each in examples_of(service)
        if each.message in wanted
    ]
    fitting = [each for each in every if name in (None, each.name)]
    if fitting:
        return fitting[0]
    which = ", ".join(sorted(wanted))
    if not every:
        raise ConfigurationError(f"{which} has no example in its document")
    known = ", ".join(repr(each.name) for each in every)
    raise ConfigurationError(f"{which} has no example {name!r}; it has {known}")
