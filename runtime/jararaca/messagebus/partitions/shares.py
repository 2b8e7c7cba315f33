"""Who consumes which partition: even shares, and nothing is given away that somebody has. Pure."""

from __future__ import annotations

from binascii import crc32
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

GONE_SECONDS = 6.0
"""A worker that was not heard for so long is gone: its connection may be half open. Of one that was
killed the broker tells sooner."""


@dataclass(frozen=True, slots=True)
class Beat:
    """What a worker tells of itself: the partitions it could consume, and those that it has.

    `serves` is by queue its partitions, the queue itself included where somebody sorts it.
    """

    worker: str
    serves: Mapping[str, tuple[str, ...]]
    holds: frozenset[str]
    leaving: bool = False


@dataclass(slots=True)
class _Heard:
    beat: Beat
    at: float


@dataclass(slots=True)
class Shares:
    """What one leader knows; it is forgotten with it, and told anew by the workers."""

    _heard: dict[str, _Heard] = field(default_factory=dict)
    _owner: dict[str, str] = field(default_factory=dict)

    @property
    def workers(self) -> int:
        """How many workers are known."""
        return len(self._heard)

    def quiet(self, now: float, seconds: float) -> bool:
        """Whether there is a worker that was not heard for so long."""
        return any(now - each.at > seconds for each in self._heard.values())

    def drop_longest_quiet(self) -> None:
        """One worker is gone: the one that was not heard for the longest time."""
        self._drop(min(self._heard, key=lambda each: self._heard[each].at))

    def beat(self, beat: Beat, now: float, *, gives: bool) -> tuple[str, ...]:
        """What the worker is to consume from now on: what it keeps, and what is free for it.

        `gives` False gives nothing that it does not have: others may, who were not heard yet.
        """
        for name in [n for n, each in self._heard.items() if now - each.at > GONE_SECONDS]:
            self._drop(name)
        me = beat.worker
        if beat.leaving and not beat.holds:
            self._drop(me)
            return ()
        self._heard[me] = _Heard(beat, now)
        for item in [i for i, owner in self._owner.items() if owner == me and i not in beat.holds]:
            del self._owner[item]
        for item in beat.holds:
            self._owner.setdefault(item, me)
        wanted = self._wanted(me)
        mine = [i for i in wanted if self._owner.get(i) == me or (gives and i not in self._owner)]
        self._owner |= dict.fromkeys(mine, me)
        return tuple(mine)

    def _drop(self, worker: str) -> None:
        self._heard.pop(worker, None)
        self._owner = {item: who for item, who in self._owner.items() if who != worker}

    def _wanted(self, worker: str) -> list[str]:
        """A worker's even share of each queue that it serves."""
        queues: dict[str, tuple[str, ...]] = {}
        for each in self._heard.values():
            queues |= each.beat.serves
        loads = dict.fromkeys(self._heard, 0)
        found: list[str] = []
        for queue, items in sorted(queues.items()):
            able = [
                name
                for name, each in self._heard.items()
                if queue in each.beat.serves and not each.beat.leaving
            ]
            for name, share in even(items, able, self._owner, loads).items():
                loads[name] += len(share)
                found += share if name == worker else ()
        return found


def even(
    items: Sequence[str],
    workers: Iterable[str],
    owner: Mapping[str, str],
    loads: Mapping[str, int],
) -> dict[str, list[str]]:
    """Each worker's share, none larger than another by more than one; who has, keeps.

    Who has most may keep one more, then who has the least of other queues (`loads`).
    """
    has = {name: [item for item in items if owner.get(item) == name] for name in workers}
    if not has:
        return {}
    order = sorted(has, key=lambda name: (-len(has[name]), loads[name], crc32(name.encode()), name))
    least, more = divmod(len(items), len(order))
    quota = {name: least + (place < more) for place, name in enumerate(order)}
    shares = {name: has[name][: quota[name]] for name in order}
    kept = {item for share in shares.values() for item in share}
    free = [item for item in items if item not in kept]
    for name in order:
        missing = quota[name] - len(shares[name])
        shares[name] += free[:missing]
        del free[:missing]
    return shares
