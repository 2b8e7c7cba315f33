"""A process that a handler has forked: its parent's connections are not its own."""

from __future__ import annotations

import os

from jararaca.errors import BrokerUnreachableError
from jararaca.printable import logger_named

logger = logger_named("jararaca.work")

ANOTHER = (
    "the application was started in another process, which has forked this one: connect here, with "
    "`Publisher.connect(url)`"
)

_sockets: set[int] = set()
"""The descriptors of connections that are open."""

_state = {"is_child": False}


def opened(descriptor: int) -> None:
    """A connection is there."""
    _sockets.add(descriptor)


def closed(descriptor: int) -> None:
    """It is gone."""
    _sockets.discard(descriptor)


def at_home() -> None:
    """This process connects by itself: it is nobody's child any more."""
    _state["is_child"] = False


def check_own() -> None:
    """Raise BrokerUnreachableError in a child: what it hands its parent's work would be lost."""
    if _state["is_child"]:
        raise BrokerUnreachableError(ANOTHER)


def end_child() -> None:
    """In a child whose handler came back, exit: it has all that its parent is at, a second time."""
    if _state["is_child"]:
        logger.error("a handler has forked this process and came back in it: it exits")
        os._exit(1)


def _in_child() -> None:
    """Put nothing in the place of each connection.

    What the child wrote would stand within its parent's frames, and while it holds the socket the
    broker does not see that the parent has died.
    """
    _state["is_child"] = True
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in _sockets:
        os.dup2(nothing, descriptor, inheritable=False)
    os.close(nothing)
    _sockets.clear()


os.register_at_fork(after_in_child=_in_child)
