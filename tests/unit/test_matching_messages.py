"""`jararaca publish TOPIC` finds the message by its topic; it asks only where it has to."""

from __future__ import annotations

from types import new_class
from typing import Any, ClassVar

import pytest
from jararaca import DecodeError, Message
from jararaca.cli.message_lookup import candidates, decoded


def message(module: str, name: str = "UserCreated", **variables: Any) -> type[Message]:
    """A class of another module, as the compiler writes it for each service."""

    def fill(namespace: dict[str, Any]) -> None:
        namespace["__module__"] = module
        namespace["__annotations__"] = {
            "user_id": str,
            **dict.fromkeys(("MESSAGE_TOPIC", *variables), ClassVar[Any]),
        }
        namespace.update({"MESSAGE_TOPIC": "user.created", **variables})

    kind: type[Message] = new_class(name, (Message,), {}, fill)
    return kind


def chosen(*kinds: type[Message], name: str | None = None) -> type[Message]:
    found = candidates(kinds, "user.created", name)
    return decoded(found, '{"user_id": "7"}')[0].message


def test_two_services_that_share_a_message_do_not_make_it_ambiguous() -> None:
    users, orders = message("generated.users.messages"), message("generated.orders.messages")
    assert chosen(users, orders) is users


def test_two_messages_of_a_topic_are_asked_for_by_name() -> None:
    created = message("generated.users.messages")
    imported = message("generated.users.messages", "UserImported")
    with pytest.raises(DecodeError, match="UserCreated, UserImported: choose with --message"):
        chosen(created, imported)
    assert chosen(created, imported, name="UserImported") is imported


def test_one_name_on_two_exchanges_is_asked_for_by_class() -> None:
    users = message("generated.users.messages", MESSAGE_EXCHANGE="users")
    orders = message("generated.orders.messages", MESSAGE_EXCHANGE="orders")
    with pytest.raises(DecodeError, match=r"generated\.users\.messages\.UserCreated, "):
        chosen(users, orders)
    assert chosen(users, orders, name="generated.orders.messages.UserCreated") is orders
