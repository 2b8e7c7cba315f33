"""Which rooms of the runtime are changed, and which tests may come through each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNTIME = ROOT / "runtime/jararaca"


@dataclass(frozen=True, slots=True)
class Room:
    """A part of the runtime: patterns of its files, and the tests beside the conformance suite."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]

    def paths(self) -> list[Path]:
        """Its files, in order."""
        return sorted({path for each in self.files for path in RUNTIME.glob(each)})


ROOMS = (
    Room(
        "handling",
        ("handling/**/*.py",),
        (
            "tests/unit/test_dispatch.py",
            "tests/unit/test_handling.py",
            "tests/unit/test_keyed_lock.py",
            "tests/unit/test_amqp10.py",
            "tests/unit/test_unit_of_work.py",
            "tests/unit/test_limits.py",
            "tests/unit/test_choosing.py",
            "tests/conformance",
        ),
    ),
    Room(
        "transports",
        ("transport/memory/*.py", "transport/*.py", "transport/amqp/fast/wire/*.py"),
        (
            "tests/unit/test_limits.py",
            "tests/unit/test_amqp10.py",
            "tests/unit/test_fast_methods.py",
            "tests/properties/test_fast_decoder.py",
            "tests/properties/test_fast_tables.py",
            "tests/broker/test_memory.py",
            "tests/conformance",
        ),
    ),
    Room(
        "publishing and requests",
        ("publishing/*.py",),
        (
            "tests/unit/test_publishing_bindings.py",
            "tests/http/test_requests.py",
            "tests/conformance",
        ),
    ),
    Room(
        "scheduling",
        ("scheduling/*.py", "scheduling/store/memory.py"),
        ("tests/unit/test_scheduler.py", "tests/unit/test_scheduling_times.py"),
    ),
    Room(
        "outbox",
        ("integrations/sqlalchemy/**/*.py",),
        ("tests/http/test_database.py", "tests/conformance/test_outbox.py"),
    ),
)
