"""Which rooms of the runtime are changed, and which tests may come through them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNTIME = ROOT / "runtime/jararaca"


@dataclass(frozen=True, slots=True)
class Room:
    """A part of the runtime: patterns of its files."""

    name: str
    files: tuple[str, ...]

    def paths(self) -> list[Path]:
        """Its files, in order."""
        return sorted({path for each in self.files for path in RUNTIME.glob(each)})


ROOMS = (
    Room(
        "handling",
        (
            "handling/*.py",
            "handling/middlewares/*.py",
            "handling/idempotency/*.py",
            "application/ended_work.py",
            "application/threads.py",
        ),
    ),
    Room("batches", ("handling/batching/*.py",)),
    Room("streams", ("handling/streaming/*.py", "messagebus/streams/*.py")),
    Room("partitions", ("messagebus/partitions/*.py",)),
    Room(
        "worker and blame", ("messagebus/*.py", "messagebus/worker/*.py", "messagebus/blame/*.py")
    ),
    Room("transport: common and memory", ("transport/*.py", "transport/memory/*.py")),
    Room(
        "transport: plain",
        ("transport/amqp/*.py", "transport/amqp/declaring/*.py", "transport/amqp/delaying/*.py"),
    ),
    Room("transport: fast", ("transport/amqp/fast/**/*.py",)),
    Room("publishing and requests", ("publishing/*.py",)),
    Room("scheduling", ("scheduling/**/*.py",)),
    Room("outbox", ("integrations/sqlalchemy/**/*.py",)),
)

TESTS = (
    "tests/conformance",
    "tests/broker",
    "tests/contract",
    "tests/http",
    "tests/telemetry",
    "tests/websockets",
    "tests/properties/test_blame.py",
    "tests/properties/test_fast_decoder.py",
    "tests/properties/test_fast_tables.py",
    "tests/properties/test_deliveries.py",
    "tests/properties/test_readable.py",
    "tests/properties/test_blame_of_streams.py",
    "tests/properties/test_partition_shares.py",
    "tests/properties/test_streams.py",
    "tests/encodings/test_on_a_broker.py",
    "tests/shared_messages/test_running.py",
    "tests/unit",
)
"""Of these the ones that come through a room are run."""


LEFT_OUT = (
    *("test_front_*", "test_lint*", "test_site*", "test_compat*", "test_models_*", "test_codegen*"),
    *("test_git_*", "test_hostile_documents.py", "test_verification.py", "test_file_watch.py"),
    *("test_catalog_info.py", "test_write.py", "test_planted.py"),
)
"""Tests of the compiler, which come through nothing of the runtime."""


def test_files() -> list[Path]:
    """The files of TESTS."""
    files = (path for each in TESTS for path in [ROOT / each, *(ROOT / each).rglob("test_*.py")])
    return sorted(
        path
        for path in files
        if path.is_file() and not any(path.match(pattern) for pattern in LEFT_OUT)
    )
