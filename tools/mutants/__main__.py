"""`python -m tools.mutants`: change, run, and say what no test has noticed.

It goes on where it was stopped: a verdict is kept until its file changes. Exit status 1 if a
survivor has no reason in tests/mutants/survivors.toml.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence

from tools.mutants import report
from tools.mutants.mutations import Mutation, mutations
from tools.mutants.rooms import ROOMS, ROOT, Room
from tools.mutants.running import Coverage, coverage, digest_of, remember, results, verdict


def main() -> int:
    """Judge a sample, and write the report."""
    options = _options()
    rooms = [room for room in ROOMS if options.room in (None, room.name)]
    give_up = time.monotonic() + options.minutes * 60
    known = {(name, digest): found for name, digest, found in results()}
    judged: list[report.Judged] = []
    for room in rooms:
        covered = coverage(room, fresh=options.trace)
        for mutation in _sample(room, covered, options.sample // len(rooms), options.seed):
            key = (mutation.name, digest_of(ROOT / mutation.path))
            if key not in known:
                if time.monotonic() > give_up:
                    break
                known[key] = verdict(mutation, covered)
                remember(*key, known[key])
                print(f"{known[key]}: {mutation.name}", flush=True)
            judged.append(report.Judged(room.name, mutation, known[key]))
    report.write(judged)
    missing = report.unexplained(judged, report.reasons())
    print(report.table(judged, report.reasons()))
    for name in missing:
        print(f"no test notices {name}", file=sys.stderr)
    return 1 if missing else 0


def _sample(room: Room, covered: Coverage, size: int, seed: int) -> Sequence[Mutation]:
    """Some changes of a room, of lines that a test comes through; the same for the same seed."""
    every = [each for each in _every(room) if covered.of(each)]
    return random.Random(seed).sample(every, min(size, len(every)))


def _every(room: Room) -> Iterator[Mutation]:
    """The changes of a room; of several that read alike in one place the first."""
    found: dict[str, Mutation] = {}
    for path in room.paths():
        for each in mutations(str(path.relative_to(ROOT)), path.read_text("utf-8")):
            found.setdefault(each.name, each)
    return iter(found.values())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=200, help="changes in all (200)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    parser.add_argument("--minutes", type=float, default=120, help="then it stops (120)")
    parser.add_argument("--room", choices=[room.name for room in ROOMS], help="this one alone")
    parser.add_argument("--trace", action="store_true", help="see anew which tests run what")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
