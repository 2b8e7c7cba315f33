"""What an account needs to listen, as the command that grants it and no more."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from jararaca_shared.broker_url import BrokerUrl

REFUSED = "ACCESS_REFUSED"
OWN = r"^jararaca\.ear\."
OWN_AND_DROPPED = r"^(jararaca\.ear\.|amq\.default$)"
"""Of the default exchange too: what a full ear drops goes to a queue that nobody has."""

MOST_NAMED = 12
"""Exchanges that are named one by one; of more, all may be read."""


def advice(url: BrokerUrl, exchanges: Sequence[str], refused: str) -> str:
    """How to let the account listen, where what the broker said is that it may not; else nothing.

    A permission replaces what the account has: that is said, too.
    """
    if REFUSED not in refused:
        return ""
    vhost, user = shlex.quote(url.vhost), shlex.quote(url.user)
    if "topic '" in refused:
        grant = f"rabbitmqctl set_topic_permissions -p {vhost} {user} EXCHANGE '^$' '.*'"
        return f". `{grant}` lets it read all topics of an exchange"
    rights = " ".join(shlex.quote(each) for each in permissions(exchanges))
    return (
        f". An account of its own needs no more than `rabbitmqctl set_permissions -p {vhost} "
        f"{user} {rights}`, which replaces the permissions that it has"
    )


def permissions(exchanges: Sequence[str]) -> tuple[str, str, str]:
    """`configure`, `write` and `read`: it declares, binds and consumes queues of its own alone."""
    names = [re.escape(name) for name in sorted(set(exchanges))]
    if not names or len(names) > MOST_NAMED:
        return OWN, OWN_AND_DROPPED, ".*"
    return OWN, OWN_AND_DROPPED, rf"^(jararaca\.ear\..*|{'|'.join(names)})$"
