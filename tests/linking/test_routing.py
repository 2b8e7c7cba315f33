"""The linker routes as RabbitMQ does: what is published comes where it says."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import aiormq
import pytest
from jararaca_compiler.linking.delivery.keys import Open
from jararaca_compiler.linking.delivery.publications import Publication, publications
from jararaca_compiler.linking.delivery.routing import Broker
from jararaca_compiler.linking.participant import Participant
from jararaca_compiler.linking.system import own_participants
from jararaca_compiler.lower.partitioning.queues import HEADER
from jararaca_compiler.pipeline.compilation import read_contract
from jararaca_compiler.project.config import Config
from pamqp.common import FieldTable

from tests.linking.topologies import VALUES, WORDS, TopologyMaker

TOPOLOGIES = int(os.environ.get("JARARACA_TOPOLOGIES", "25"))
"""How many topologies are tried; `JARARACA_TOPOLOGIES=500` for the long run."""
FIRST = int(os.environ.get("JARARACA_FIRST_TOPOLOGY", "0"))
_PIECES = (*VALUES, *WORDS, "zz")


def participants(folder: Path, seed: int) -> tuple[Participant, ...]:
    """The services of one topology."""
    documents = TopologyMaker(Random(seed), f"t{seed}").documents()
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document), encoding="utf-8")
    contract = read_contract(Config(sources=tuple(documents)), folder)
    assert contract.is_sound, [(d.code, d.message) for d in contract.diagnostics]
    return own_participants(contract)


def routing_keys(publication: Publication) -> Iterator[str]:
    """Keys that the publication may have: of what is open, some."""
    texts: list[list[str]] = [[]]
    for word in publication.key:
        choices = [*map(word.with_value, _PIECES)] if isinstance(word, Open) else [*word]
        texts = [[*text, choice] for text in texts for choice in choices]
    yield from (".".join(text) for text in texts[:: max(1, len(texts) // 12)])


async def declare(
    channel: aiormq.abc.AbstractChannel, all_of_them: tuple[Participant, ...]
) -> list[str]:
    """What the services declare, with queues of this connection alone; the names of these."""
    exchanges = {e.name: e for p in all_of_them for e in p.service.topology.exchanges}
    queues = {q.name: None for p in all_of_them for q in p.service.topology.queues}
    for exchange in exchanges.values():
        await channel.exchange_declare(
            exchange.name,
            exchange_type=exchange.type,
            auto_delete=True,
            arguments=dict(exchange.arguments),
        )
    for queue in queues:
        await channel.queue_declare(queue, exclusive=True)
    for topology in (each.service.topology for each in all_of_them):
        for binding in topology.bindings:
            await channel.queue_bind(
                binding.queue,
                binding.exchange,
                binding.routing_key,
                arguments=dict(binding.arguments),
            )
        for between in topology.exchange_bindings:
            await channel.exchange_bind(between.destination, between.source, between.routing_key)
    return list(queues)


def whole_queues(all_of_them: tuple[Participant, ...]) -> dict[str, str]:
    """By each partition the queue that it is one of."""
    return {
        f"{each.queue}.p{number}": each.queue
        for participant in all_of_them
        for each in participant.service.topology.partitioned
        for number in range(each.count)
    }


async def delivered(channel: aiormq.abc.AbstractChannel, queue: str) -> list[str]:
    """What waits in a queue."""
    found: list[str] = []
    while (got := await channel.basic_get(queue, no_ack=True)).message_count is not None:
        found.append(got.body.decode())
    return found


async def compared(url: str, all_of_them: tuple[Participant, ...]) -> None:
    connection = await aiormq.connect(url.partition("?")[0])
    try:
        channel = await connection.channel(publisher_confirms=True)
        queues = await declare(channel, all_of_them)
        broker = Broker(all_of_them)
        told: dict[str, set[str]] = {}
        for number, publication in enumerate(
            each for sender in all_of_them for each in publications(sender)
        ):
            arrivals = list(broker.arrivals(publication.exchange, publication.key))
            shown: dict[str, set[str]] = {}
            for arrival in arrivals:
                shown.setdefault(arrival.routing_key, set()).add(arrival.queue)
            for key in [*routing_keys(publication), *shown]:
                exact = await published(channel, publication, key, number)
                words = tuple((word,) for word in key.split("."))
                said = {a.queue for a in broker.arrivals(publication.exchange, words)}
                assert said <= {a.queue for a in arrivals}, (publication.topic, key)
                assert shown.get(key, set()) <= said, (publication.topic, key)
                told[exact] = said
        found: dict[str, set[str]] = {text: set() for text in told}
        whole = whole_queues(all_of_them)
        for queue in queues:
            for text in await delivered(channel, queue):
                found[text].add(whole.get(queue, queue))
        assert found == told
    finally:
        await connection.close()


async def published(
    channel: aiormq.abc.AbstractChannel, publication: Publication, key: str, number: int
) -> str:
    """Publish under a key; the body, which says what it is. Some have a partition, some not."""
    text = f"{number} {publication.exchange} {key}"
    headers: FieldTable = {HEADER: f"{len(text) % 2}/2"} if len(text) % 3 else {}
    await channel.basic_publish(
        text.encode(),
        exchange=publication.exchange,
        routing_key=key,
        properties=aiormq.spec.Basic.Properties(headers=headers),
    )
    return text


@pytest.mark.parametrize("seed", range(FIRST, FIRST + TOPOLOGIES))
def test_what_is_published_comes_where_the_linker_says(
    seed: int, tmp_path: Path, scratch_broker_url: str
) -> None:
    asyncio.run(compared(scratch_broker_url, participants(tmp_path, seed)))
