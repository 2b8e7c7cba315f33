"""How an outcome settles a delivery."""

from __future__ import annotations

import pytest
from jararaca import Message, MessageBusController, MessageHandler, MessageOf, RetryPolicy
from jararaca.handlers.handler_spec import HandlerSpec
from jararaca.handlers.settlement import Ack, Nack, Reject, Retry, RetryLater
from jararaca.handling.deciding import decide
from jararaca.handling.decision import DeadLetter, Discard, Done, Redeliver, Settled
from jararaca.handling.handler_result import Failed, Returned


class Placed(Message):
    MESSAGE_TOPIC = "order.placed"


class Paid(Message):
    MESSAGE_TOPIC = "order.paid"


@MessageBusController()
class Orders:
    @MessageHandler(Placed)
    async def placed(self, message: MessageOf[Placed]) -> None: ...

    @MessageHandler(Paid)
    async def paid(self, message: MessageOf[Paid]) -> None: ...


POLICY = RetryPolicy(max_retries=2, initial_delay=1, backoff_factor=3, max_delay=60, jitter=0)
SPEC = HandlerSpec((Placed,), "placed", retry=POLICY)


def spec(**changes: object) -> HandlerSpec:
    return HandlerSpec((Placed,), "placed", retry=POLICY, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcome", "settlement"),
    [
        (Returned(settled=False), Done()),
        (Returned(settled=True), Settled()),
        (Ack(), Settled()),
        (Nack(), Redeliver(1, 1)),
        (Reject("no"), DeadLetter("no")),
        (Retry(), Redeliver(1, 2)),
        (RetryLater(600), Redeliver(600, 2)),
        (Failed(ValueError("x")), Redeliver(1, 2)),
    ],
)
def test_each_outcome_of_a_first_try_settles_in_one_way(
    outcome: object, settlement: object
) -> None:
    assert decide(SPEC, outcome, 1, 0.5) == settlement  # type: ignore[arg-type]


def test_a_failure_backs_off_and_ends_in_the_dead_letters() -> None:
    tries = [decide(SPEC, Failed(ValueError("broken")), attempt, 0.5) for attempt in (1, 2, 3)]
    assert tries == [
        Redeliver(1, 2),
        Redeliver(3, 3),
        DeadLetter("given up after 3 attempts: ValueError: broken"),
    ]


def test_retry_is_bounded_by_the_policy_too() -> None:
    assert isinstance(decide(SPEC, Retry(), 3, 0.5), DeadLetter)


def test_nack_never_counts_as_a_failed_attempt() -> None:
    assert decide(SPEC, Nack(), 3, 0.5) == Redeliver(1, 3)


def test_without_auto_ack_returning_unsettled_is_a_failure() -> None:
    assert decide(spec(auto_ack=False), Returned(settled=False), 1, 0.5) == Redeliver(1, 2)
    assert decide(spec(auto_ack=False), Returned(settled=True), 1, 0.5) == Settled()


def test_exceptions_that_are_not_requeued_are_dead_lettered_at_once() -> None:
    only_timeouts = spec(requeue_on_exception=(TimeoutError,))
    assert isinstance(decide(only_timeouts, Failed(ValueError()), 1, 0.5), DeadLetter)
    assert decide(only_timeouts, Failed(TimeoutError()), 1, 0.5) == Redeliver(1, 2)
    assert isinstance(
        decide(spec(requeue_on_exception=False), Failed(ValueError()), 1, 0.5), DeadLetter
    )


def test_a_policy_tells_exception_types_apart_by_the_nearest_class() -> None:
    policy = RetryPolicy(
        initial_delay=1, jitter=0, retry=(KeyError,), reject=(LookupError,), discard=(OSError,)
    )
    mine = HandlerSpec((Placed,), "placed", retry=policy)
    assert decide(mine, Failed(KeyError("k")), 1, 0.5) == Redeliver(1, 2)
    assert isinstance(decide(mine, Failed(IndexError("i")), 1, 0.5), DeadLetter)
    assert decide(mine, Failed(TimeoutError("late")), 1, 0.5) == Discard("TimeoutError: late")
    assert decide(mine, Failed(ValueError()), 1, 0.5) == Redeliver(1, 2)


def test_nack_on_exception_follows_the_policy_and_counts() -> None:
    plain, nacking = spec(), spec(nack_on_exception=True)
    for attempt in range(1, 9):
        tried = decide(nacking, Failed(ValueError()), attempt, 0.5)
        assert tried == decide(plain, Failed(ValueError()), attempt, 0.5)
    assert isinstance(tried, DeadLetter)


def test_nack_on_exception_wins_over_requeue_on_exception() -> None:
    mine = spec(nack_on_exception=(OSError,), requeue_on_exception=False)
    assert decide(mine, Failed(OSError()), 1, 0.5) == Redeliver(1, 2)
    assert isinstance(decide(mine, Failed(ValueError()), 1, 0.5), DeadLetter)


def test_a_nack_by_hand_is_delayed_and_does_not_count() -> None:
    assert decide(spec(), Nack(), 3, 0.5) == Redeliver(1, 3)


@pytest.mark.parametrize(
    ("errors", "settlement"),
    [
        ([KeyError("k")], "discard"),
        ([KeyError("k"), ValueError("v")], "reject"),
        ([KeyError("k"), OSError("o")], "retry"),
        ([ExceptionGroup("inner", [ValueError("v")]), OSError("o")], "reject"),
        ([OSError("o"), OSError("p")], "retry"),
    ],
)
def test_a_group_of_exceptions_is_what_the_exceptions_in_it_are(
    errors: list[Exception], settlement: str
) -> None:
    policy = RetryPolicy(reject=(ValueError,), discard=(KeyError,))
    assert policy.verdict(ExceptionGroup("several", errors)) == settlement


def test_a_group_that_is_named_itself_is_what_it_is_named_as() -> None:
    policy = RetryPolicy(retry=(ExceptionGroup,), reject=(ValueError,))
    assert policy.verdict(ExceptionGroup("several", [ValueError("v")])) == "retry"


@pytest.mark.parametrize(
    ("errors", "again"), [([OSError("o"), OSError("p")], True), ([OSError("o"), KeyError()], False)]
)
def test_a_group_is_retried_where_all_of_it_is_named(errors: list[Exception], again: bool) -> None:
    chosen = spec(requeue_on_exception=(OSError,))
    settlement = decide(chosen, Failed(ExceptionGroup("several", errors)), 1, 0.5)
    assert isinstance(settlement, Redeliver if again else DeadLetter)
