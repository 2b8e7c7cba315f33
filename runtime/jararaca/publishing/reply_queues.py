"""Which queues an answer may go to: a `reply_to` is the asker's word, and may name any queue."""

from __future__ import annotations

import re
from collections.abc import Iterable

from jararaca.contract.topology import DEAD_LETTER_SUFFIX

BROKERS_OWN = ("amq.rabbitmq.reply-to.*", "amq.gen-*")
"""RabbitMQ's direct reply-to, and queues that the broker has named itself."""

NAMED = re.compile(r"(.*[-._:/])?(answers?|repl(y|ies)|responses?)([-._:/].+)?", re.DOTALL | re.I)
"""Queues whose name says what they are for: `jararaca.replies.(id)`, `billing.answers`."""


def is_for_answers(queue: str, more: Iterable[str] = ()) -> bool:
    """Whether a queue is one for answers; `more` are further names, in which `*` is any text."""
    if any(_pattern(each).fullmatch(queue) for each in (*BROKERS_OWN, *more)):
        return True
    is_named = NAMED.fullmatch(queue) is not None
    return is_named and not queue.startswith("amq.") and not queue.endswith(DEAD_LETTER_SUFFIX)


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, name.split("*"))), re.DOTALL)
