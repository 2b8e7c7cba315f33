"""Who consumes which partition: what one leader knows, beat by beat."""

from __future__ import annotations

from jararaca.messagebus.partitions.shares import GONE_SECONDS, Beat, Shares, even

ITEMS = ("p0", "p1", "p2", "p3", "p4")
SERVES = {"steps": ITEMS}


def beat(shares: Shares, name: str, *holds: str, at: float = 0.0, gives: bool = True) -> set[str]:
    """What a worker is told."""
    return set(shares.beat(Beat(name, SERVES, frozenset(holds)), at, gives=gives))


def leaves(shares: Shares, name: str, *holds: str, at: float = 0.0) -> set[str]:
    """What a worker is told that leaves."""
    told = Beat(name, SERVES, frozenset(holds), leaving=True)
    return set(shares.beat(told, at, gives=True))


def test_who_has_most_keeps_one_more() -> None:
    owner = {"p0": "b", "p1": "b", "p2": "b", "p3": "a"}
    assert even(ITEMS, ["a", "b"], owner, {"a": 0, "b": 9}) == {
        "b": ["p0", "p1", "p2"],
        "a": ["p3", "p4"],
    }


def test_of_those_that_have_as_many_the_one_with_less_of_other_queues_gets_one_more() -> None:
    for less, more in (("a", "b"), ("b", "a")):
        shares = even(ITEMS, ["a", "b"], {}, {less: 1, more: 2})
        assert (len(shares[less]), len(shares[more])) == (3, 2)


def test_what_is_above_a_share_is_for_others_from_its_end_on() -> None:
    owner = dict.fromkeys(ITEMS, "a")
    assert even(ITEMS, ["a", "b"], owner, {"a": 0, "b": 0}) == {
        "a": ["p0", "p1", "p2"],
        "b": ["p3", "p4"],
    }


def test_nobody_has_no_share() -> None:
    assert even(ITEMS, [], {}, {}) == {}
    assert even((), ["a"], {}, {"a": 0}) == {"a": []}


def test_more_workers_than_partitions_have_one_or_none() -> None:
    names = [f"w{number}" for number in range(7)]
    shares = even(ITEMS, names, {}, dict.fromkeys(names, 0))
    assert sorted(len(each) for each in shares.values()) == [0, 0, 1, 1, 1, 1, 1]


def test_a_partition_is_free_once_who_had_it_tells_so() -> None:
    shares = Shares()
    assert beat(shares, "a") == {*ITEMS}
    assert beat(shares, "b") == set()
    assert beat(shares, "a", *ITEMS) == {"p0", "p1", "p2"}
    assert beat(shares, "b") == set(), "it has not left them yet"
    assert beat(shares, "a", "p0", "p1", "p2", "p3") == {"p0", "p1", "p2"}
    assert beat(shares, "b") == {"p4"}
    assert beat(shares, "a", "p0", "p1", "p2") == {"p0", "p1", "p2"}
    assert beat(shares, "b", "p4") == {"p3", "p4"}


def test_what_two_say_they_have_is_of_the_first() -> None:
    shares = Shares()
    beat(shares, "a", "p0", gives=False)
    assert beat(shares, "b", "p0", gives=False) == set()
    assert beat(shares, "a", "p0", gives=False) == {"p0"}


def test_who_leaves_gets_nothing_and_is_gone_once_it_has_nothing() -> None:
    shares = Shares()
    beat(shares, "a")
    beat(shares, "b")
    assert leaves(shares, "a", *ITEMS) == set()
    assert shares.workers == 2
    assert beat(shares, "b") == set(), "they are being left"
    assert leaves(shares, "a") == set()
    assert shares.workers == 1
    assert beat(shares, "b") == {*ITEMS}


def test_who_is_not_heard_is_gone_after_a_while_and_no_sooner() -> None:
    shares = Shares()
    beat(shares, "a", at=0.0)
    beat(shares, "b", at=GONE_SECONDS)
    assert shares.workers == 2
    beat(shares, "b", at=GONE_SECONDS + 0.1)
    assert shares.workers == 1


def test_the_one_that_was_silent_for_longest_is_dropped() -> None:
    shares = Shares()
    beat(shares, "a", at=1.0)
    beat(shares, "b", at=0.5)
    beat(shares, "c", at=2.0)
    assert not shares.quiet(2.0, 1.5) and shares.quiet(2.1, 1.5)
    shares.drop_longest_quiet()
    assert shares.workers == 2 and not shares.quiet(2.4, 1.5)


def test_a_queue_that_one_serves_alone_is_its_own() -> None:
    shares = Shares()
    both = {"one": ("o0", "o1"), "two": ("t0", "t1")}
    told: dict[str, set[str]] = {}
    for _ in range(3):
        for name, serves in (("a", both), ("b", {"two": both["two"]})):
            holds = frozenset(told.get(name, ()))
            told[name] = set(shares.beat(Beat(name, serves, holds), 0.0, gives=True))
    assert told["a"] >= {"o0", "o1"} and len(told["a"]) == 3 and len(told["b"]) == 1
