"""Shares of partitions: even in the end, and no partition is given to two workers at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import pytest
from jararaca.messagebus.partitions.shares import GONE_SECONDS, Beat, Shares

ITEMS = tuple(f"queue.p{number}" for number in range(8))
SERVES = {"queue": ITEMS}


@dataclass
class Member:
    """A worker as the leader sees it: it does as it is told, with its next beat."""

    name: str
    holds: set[str] = field(default_factory=set)


@dataclass
class Team:
    """Workers, one leader, and a clock."""

    shares: Shares = field(default_factory=Shares)
    members: list[Member] = field(default_factory=list)
    now: float = 0.0

    def beat(self, member: Member) -> None:
        """One tells what it has, and takes and leaves what it is told."""
        beat = Beat(member.name, SERVES, frozenset(member.holds))
        told = set(self.shares.beat(beat, self.now, gives=True))
        taken = told - member.holds
        others = set().union(*(each.holds for each in self.members if each is not member))
        assert not taken & others, f"{taken & others} is given to two"
        member.holds = told

    def settle(self) -> None:
        """Beat until nothing moves any more; longer than a worker that is gone is waited for."""
        for _ in range(12):
            self.now += 1.0
            for member in self.members:
                self.beat(member)

    def sizes(self) -> list[int]:
        """How many partitions each has."""
        return sorted(len(each.holds) for each in self.members)


@pytest.mark.parametrize("seed", range(40))
def test_whoever_comes_and_goes_shares_get_even_and_are_never_given_twice(seed: int) -> None:
    random, team = Random(seed), Team()
    for step in range(60):
        team.now += random.uniform(0.0, GONE_SECONDS / 80)
        if len(team.members) < 11 and random.random() < 0.3:
            team.members.append(Member(f"worker-{seed}-{step}"))
        elif team.members and random.random() < 0.15:
            gone = team.members.pop(random.randrange(len(team.members)))
            if random.random() < 0.5:
                team.shares.beat(
                    Beat(gone.name, SERVES, frozenset(), leaving=True), team.now, gives=True
                )
        for member in random.sample(team.members, random.randint(0, len(team.members))):
            team.beat(member)
    if not team.members:
        team.members.append(Member("last"))
    team.settle()
    sizes = team.sizes()
    assert sum(sizes) == len(ITEMS)
    assert sizes[-1] - sizes[0] <= 1


def test_who_has_keeps_what_is_its_share_when_others_come() -> None:
    team = Team(members=[Member("a")])
    team.settle()
    team.members.append(Member("b"))
    before = set(team.members[0].holds)
    team.settle()
    assert team.members[0].holds < before
    assert team.sizes() == [4, 4]


def test_what_a_worker_that_is_silent_has_is_given_away_when_it_is_gone_and_not_before() -> None:
    team = Team(members=[Member("a"), Member("b")])
    team.settle()
    silent = team.members.pop()
    team.now += GONE_SECONDS - 0.5
    team.beat(team.members[0])
    assert team.members[0].holds.isdisjoint(silent.holds)
    team.now += 1.0
    team.beat(team.members[0])
    assert team.members[0].holds == set(ITEMS)


def test_a_new_leader_gives_nothing_before_it_knows_all() -> None:
    holds = frozenset(ITEMS[:4])
    shares = Shares()
    assert set(shares.beat(Beat("a", SERVES, holds), 0.0, gives=False)) == holds
    assert shares.beat(Beat("b", SERVES, frozenset()), 0.1, gives=False) == ()


def test_queues_are_shared_each_for_itself_among_who_serves_them() -> None:
    shares = Shares()
    both = {"one": ("one.p0", "one.p1"), "two": ("two.p0", "two.p1")}
    only = {"two": both["two"]}
    holds: dict[str, frozenset[str]] = {"a": frozenset(), "b": frozenset()}
    for _ in range(4):
        for name, serves in (("a", both), ("b", only)):
            holds[name] = frozenset(shares.beat(Beat(name, serves, holds[name]), 0.0, gives=True))
    assert holds["a"] >= {"one.p0", "one.p1"}
    assert {len(each & {*both["two"]}) for each in holds.values()} == {1}
