"""An account that may do little is told exactly what it lacks, and that is enough."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import aio_pika
import pytest
from jararaca_compiler.listening.broker.describing import describe
from jararaca_compiler.listening.broker.management import Management
from jararaca_compiler.listening.choosing import Ear, Key, choose
from jararaca_compiler.listening.ears import Ears
from jararaca_compiler.listening.errors import ListeningError
from jararaca_compiler.listening.exact import declare_topic_exchange
from jararaca_compiler.listening.rights import permissions
from jararaca_shared.broker_url import BrokerUrl, parse_broker_url

from tests.listening.test_ears import heard_until, publishing
from tests.support.brokers import Broker
from tests.support.nodes import Node

pytestmark = pytest.mark.broker
EXCHANGES = ("legacy.orders", "legacy (old)")


@pytest.fixture
def ears_account(scratch_broker: Broker) -> Iterator[str]:
    """An account without any permission."""
    name = f"ears-{uuid4().hex[:8]}"
    if not scratch_broker.administer("add_user", name, "secret"):
        pytest.skip("accounts are made by a broker's own rabbitmqctl")
    yield name
    scratch_broker.administer("delete_user", name)


def as_account(broker: Broker, name: str) -> BrokerUrl:
    return replace(parse_broker_url(broker.url), user=name, password="secret")


async def test_the_command_in_the_error_is_all_that_an_account_needs(
    scratch_broker: Broker, ears_account: str
) -> None:
    url = as_account(scratch_broker, ears_account)
    ears = [Ear(name, (Key("#"),), is_whole=True) for name in EXCHANGES]
    none = ("set_permissions", "-p", url.vhost, ears_account, "^$", "^$", "^$")
    assert scratch_broker.administer(*none)
    async with publishing(scratch_broker.url) as channel:
        for name in EXCHANGES:
            await declare_topic_exchange(channel, name, passive=False, auto_delete=False)
        orders = await channel.get_exchange(EXCHANGES[0], ensure=False)
        with pytest.raises(ListeningError, match="set_permissions") as refused:
            async with Ears(url, ears):
                pass
        told = re.search(r"`rabbitmqctl (.*?)`", str(refused.value))
        assert told is not None
        assert scratch_broker.administer(*shlex.split(told[1]))
        async with Ears(url, ears) as listening:
            await orders.publish(aio_pika.Message(b"1"), "x")
            [message] = await heard_until(listening, bool)
    assert message.body == b"1" and listening.refused == {} and listening.counts.dropped == 0


@pytest.mark.parametrize("missing", range(3), ids=["configure", "write", "read"])
async def test_none_of_the_permissions_can_be_spared(
    scratch_broker: Broker, ears_account: str, missing: int
) -> None:
    url = as_account(scratch_broker, ears_account)
    given = list(permissions(EXCHANGES[:1]))
    given[missing] = "^$"
    assert scratch_broker.administer("set_permissions", "-p", url.vhost, ears_account, *given)
    async with publishing(scratch_broker.url) as channel:
        await channel.declare_exchange(EXCHANGES[0], "topic")
        with pytest.raises(ListeningError, match="`rabbitmqctl set_permissions"):
            async with Ears(url, [Ear(EXCHANGES[0], (Key("#"),), is_whole=True)]):
                pass


async def test_what_one_exchange_refuses_is_told_while_others_are_heard(
    scratch_broker: Broker, ears_account: str
) -> None:
    url = as_account(scratch_broker, ears_account)
    given = permissions(EXCHANGES[:1])
    assert scratch_broker.administer("set_permissions", "-p", url.vhost, ears_account, *given)
    ears = [Ear(name, (Key("#"),), is_whole=True) for name in EXCHANGES]
    async with publishing(scratch_broker.url) as channel:
        for name in EXCHANGES:
            await declare_topic_exchange(channel, name, passive=False, auto_delete=False)
        async with Ears(url, ears) as listening:
            listening.stop()
    assert list(listening.refused) == [EXCHANGES[1]]
    assert "set_permissions" in listening.refused[EXCHANGES[1]]


@pytest.fixture
def watched(managed_node: Node) -> Iterator[BrokerUrl]:
    """A virtual host of a broker with the management API, for an account without a tag."""
    managed_node.control("add_vhost", "watched")
    managed_node.control("set_permissions", "-p", "watched", "guest", ".*", ".*", ".*")
    managed_node.control("add_user", "watcher", "secret")
    url = parse_broker_url(f"{managed_node.url}watched")
    yield replace(url, user="watcher", password="secret")
    managed_node.control("delete_user", "watcher")
    managed_node.control("delete_vhost", "watched")


@pytest.mark.parametrize("tag", ["management", "monitoring"])
async def test_an_account_with_either_tag_is_told_all_but_without_one_what_to_do(
    managed_node: Node, watched: BrokerUrl, tag: str
) -> None:
    management = Management.of(watched, managed_node.management_url)
    async with publishing(f"{managed_node.url}watched") as channel:
        await channel.declare_exchange("orders", "topic")
    with pytest.raises(ListeningError, match="set_user_tags watcher monitoring"):
        await describe(watched, management)
    managed_node.control("set_user_tags", "watcher", tag)
    with pytest.raises(ListeningError, match="permission"):
        await describe(watched, management)
    given = permissions(["orders"])
    managed_node.control("set_permissions", "-p", "watched", "watcher", *given)
    managed_node.control("trace_on", "-p", "watched")
    found = await describe(watched, management)
    assert found.exchange("orders") is not None and found.traced


async def test_an_alternate_exchange_that_a_policy_names_keeps_what_nobody_takes(
    managed_node: Node, watched: BrokerUrl
) -> None:
    url = replace(watched, user="guest", password="guest")
    alternate = '{"alternate-exchange":"lost"}'
    policy = ("set_policy", "-p", "watched", "lost", "^orders", alternate)
    managed_node.control(*policy, "--apply-to", "exchanges")
    async with publishing(f"{managed_node.url}watched") as channel:
        await channel.declare_exchange("orders", "topic")
        management = Management.of(url, managed_node.management_url)
        found = await describe(url, management)
    orders = found.exchange("orders")
    assert orders is not None and orders.alternate == "lost"
    choice = choose(found, ["orders"])
    assert choice.ears == () and "nobody is bound" in choice.unheard[0][1]
