"""Whose word on our headers is taken, and what is told of the others."""

from __future__ import annotations

import pytest
from jararaca.contract import headers
from jararaca.transport import Publication, Terms, provenance
from jararaca.transport.amqp.accounts import Accounts
from jararaca.transport.amqp.delaying import delays
from jararaca.transport.amqp.subscription import Subscription

OURS = {headers.ATTEMPT: 3, headers.TOPIC: "t", "theirs": 1}


@pytest.mark.parametrize("user", ["own", "friend"])
def test_our_own_accounts_are_believed(user: str, caplog: pytest.LogCaptureFixture) -> None:
    accounts = Accounts("own", frozenset({"friend"}))
    assert accounts.believed(user, "", OURS) == provenance.SIGNED
    assert not caplog.messages


@pytest.mark.parametrize("user", [None, "", "stranger"])
def test_others_are_not_and_the_delay_chain_vouches_for_the_topic(user: str | None) -> None:
    accounts = Accounts("own", frozenset({"friend", ""}))
    assert accounts.believed(user, "jararaca", OURS) == provenance.ANYONES
    for exit in (delays.DELIVERY, delays.TASKS, delays.entry(27)):
        assert accounts.believed(user, exit, OURS) == provenance.DELAYED


def test_an_account_without_a_name_of_its_own_believes_nobody() -> None:
    assert Accounts("").believed("", "", OURS) == provenance.ANYONES


def test_it_is_told_once_which_headers_of_whom_are_not_believed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    accounts = Accounts("own")
    accounts.believed("stranger", "", {"theirs": 1, headers.REQUEST: "r"})
    assert not caplog.messages
    for _ in range(2):
        accounts.believed("stranger", delays.DELIVERY, OURS)
    accounts.believed("other", "", OURS)
    accounts.believed(None, "", OURS)
    first, second = caplog.messages
    assert first.startswith(f"{headers.ATTEMPT} of the account stranger are not believed")
    assert first.endswith("trusted_users=stranger") and "account other" in second
    assert headers.TOPIC in second.split(" of the account")[0]


def test_what_is_signed_keeps_its_other_terms() -> None:
    accounts = Accounts("own")
    assert accounts.signed(Publication("k", b"")).terms == Terms(user_id="own")
    given = Publication("k", b"", terms=Terms(expiration=5, persistent=False, user_id="x"))
    assert accounts.signed(given).terms == Terms(5, False, "own")


def test_what_a_consumer_asks_for() -> None:
    plain = Subscription.of("q", 10, 0)
    assert plain == Subscription("q", 10, {}, False)
    assert Subscription("q", 1, {}).careful is False
    asked = Subscription.of("q", 10, -2, 1.0001, careful=True)
    assert asked == Subscription("q", 10, {"x-priority": -2, "x-consumer-timeout": 1_001}, True)
    assert Subscription.of("q", 2, 0, careful=True).careful is True
    assert Subscription.of("q", 1, 0, careful=True).careful is False
    assert asked.taking(True).prefetch == 1 and asked.taking(False) is asked
