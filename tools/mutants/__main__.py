"""`python -m tools.mutants`: change, run, and say what no test has noticed.

It goes on where it was stopped: a verdict is kept until the function around its change is another.
Exit status 1 if a survivor has no reason in tests/mutants/survivors.toml.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest

from tools.mutants import fresh, report
from tools.mutants.mutations import Mutation, mutations
from tools.mutants.rooms import ROOMS, ROOT, Room
from tools.mutants.running import Judge, Verdict, remember, results
from tools.mutants.tracing import ENOUGH, coverage

Key = tuple[str, str]
"""A change's name, and the digest of the function around it."""


def main() -> int:
    """Judge a sample, and write the report of all that was judged so far."""
    options = _options()
    rooms = [room for room in ROOMS if options.room in (None, room.name)]
    give_up = time.monotonic() + options.minutes * 60
    known = {(name, digest): found for name, digest, found in results()}
    size = options.sample // len(rooms)
    samples = [
        _sample(room, size, options.seed, set(known) if options.fresh else set()) for room in rooms
    ]
    judge: Judge | None = None
    for mutation in filter(None, chain.from_iterable(zip_longest(*samples))):
        key = (mutation.name, mutation.digest)
        if key in known and not (options.again and known[key] != "killed"):
            continue
        if time.monotonic() > give_up:
            break
        judge = judge or Judge(
            coverage(with_broker=not options.without_broker, enough=options.seconds)
        )
        known[key] = judge.verdict(mutation)
        remember(*key, known[key])
        print(f"{known[key]}: {mutation.name}", flush=True)
    if judge is not None:
        judge.close()
    judged = [
        report.Judged(room.name, each, known[each.name, each.digest])
        for room in ROOMS
        for each in _every(room)
        if (each.name, each.digest) in known
    ]
    if options.fresh:
        _keep(rooms, samples, options.seed, known)
    report.write(judged, list(fresh.samples()))
    missing = report.unexplained(judged, report.reasons())
    print(report.table(judged, report.reasons()))
    for name in missing:
        print(f"no test notices {name}", file=sys.stderr)
    return 1 if missing else 0


def _sample(room: Room, size: int, seed: int, known: set[Key]) -> Sequence[Mutation]:
    """Some changes of a room that are not known; the same for the same seed."""
    every = [each for each in _every(room) if (each.name, each.digest) not in known]
    return random.Random(seed).sample(every, min(size, len(every)))


def _keep(
    rooms: Iterable[Room],
    samples: Iterable[Sequence[Mutation]],
    seed: int,
    found: dict[Key, Verdict],
) -> None:
    """Remember what a fresh sample has found, if there was the time to judge all of it."""
    for room, sample in zip(rooms, samples, strict=True):
        verdicts = {each.name: found.get((each.name, each.digest)) for each in sample}
        if sample and None not in verdicts.values():
            unnoticed = [name for name, verdict in verdicts.items() if verdict != "killed"]
            fresh.keep(room.name, seed, len(sample), unnoticed)


def _every(room: Room) -> Iterable[Mutation]:
    """The changes of a room; of several that read alike in one place the first."""
    found: dict[str, Mutation] = {}
    for path in room.paths():
        for each in mutations(str(path.relative_to(ROOT)), path.read_text("utf-8")):
            found.setdefault(each.name, each)
    return found.values()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=200, help="changes in all (200)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    parser.add_argument("--fresh", action="store_true", help="of those alone that nobody has tried")
    parser.add_argument("--minutes", type=float, default=120, help="then it stops (120)")
    parser.add_argument("--room", choices=[room.name for room in ROOMS], help="this one alone")
    parser.add_argument("--without-broker", action="store_true", help="run no test with a broker")
    parser.add_argument("--seconds", type=float, default=ENOUGH, help=f"of tests ({ENOUGH})")
    parser.add_argument("--again", action="store_true", help="try what was not noticed once more")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
