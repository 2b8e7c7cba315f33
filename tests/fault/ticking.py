"""Four tasks every tenth of a second, and what was received of them, for the scheduler's tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jararaca import (
    Message,
    MessageBusController,
    MessageHandler,
    MessageOf,
    Microservice,
    Schedule,
    ScheduledRun,
    route,
)
from jararaca.scheduling.timing import EPOCH
from jararaca.transport.connect import transport_for
from redis import Redis

from tests.support.services import service_of

NAMES = ("one", "two", "three", "four")
STEP = timedelta(seconds=0.1)
QUEUE = "ticks"
ROOT = Path(__file__).parents[2]


class Tick(Message):
    MESSAGE_TOPIC = "tick"
    MESSAGE_TYPE = "task"
    name: str


@MessageBusController()
class Ticks:
    """Not run: the tests look at the queue itself."""

    @MessageHandler(Tick)
    async def tick(self, message: MessageOf[Tick]) -> None: ...


SERVICE = replace(
    service_of(
        route(
            operation="tick",
            queue=QUEUE,
            binding_keys=("tick",),
            message=Tick,
            controller=Ticks,
            handler=Ticks.tick,
        ),
        name="ticking",
    ),
    schedules=tuple(
        Schedule(
            name=name, message=Tick, every=0.1, catch_up="all", payload=f'{{"name": "{name}"}}'
        )
        for name in NAMES
    ),
)
app = Microservice(SERVICE, name=os.environ.get("TICKING_NAME", "ticking"))


@dataclass
class Schedulers:
    """`jararaca scheduler` processes of one application; `name` keeps its record apart."""

    broker_url: str
    backend_url: str
    name: str
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, count: int, *options: str) -> None:
        """Start so many more."""
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT)),
            "TICKING_NAME": self.name,
            "BROKER_URL": self.broker_url,
            "BACKEND_URL": self.backend_url,
        }
        command = (sys.executable, "-m", "jararaca.cli", "scheduler", "tests.fault.ticking:app")
        for _ in range(count):
            output = self.folder / f"scheduler-{len(self.processes)}"
            with output.open("wb") as file:
                process = subprocess.Popen(
                    [*command, *options],
                    cwd=ROOT,
                    env=environment,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                )
            self.processes.append(process)

    def leader(self) -> subprocess.Popen[bytes]:
        """The one that leads, as the record says."""
        with Redis.from_url(self.backend_url, decode_responses=True) as redis:
            owner = str(redis.get(f"jararaca:scheduler:{{{self.name}}}:leader"))
        pid = int(owner.split("/")[1])
        return next(each for each in self.processes if each.pid == pid)

    def stop(self) -> list[int]:
        """End those that run; the statuses of all, in their order."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        return [process.wait(30) for process in self.processes]

    def kill(self) -> None:
        """Whatever is left of them."""
        for process in self.processes:
            process.kill()
            process.wait(30)

    def output(self) -> str:
        """All that they have printed."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("scheduler-*")))

    def forget(self) -> None:
        """Delete the record."""
        with Redis.from_url(self.backend_url) as redis:
            for part in ("leader", "number", "done"):
                redis.delete(f"jararaca:scheduler:{{{self.name}}}:{part}")


class Received:
    """What has come of each schedule, by message id, with how often."""

    def __init__(self, broker_url: str) -> None:
        self._transport = transport_for(broker_url)
        self.ids: dict[str, list[str]] = {name: [] for name in NAMES}

    async def start(self) -> None:
        """Declare the queue and take what comes."""
        await self._transport.connect()
        await self._transport.declare(SERVICE.topology)
        await self._transport.consume(QUEUE, 100, self._take)

    async def _take(self, delivery: object) -> None:
        from jararaca.transport import Delivery

        assert isinstance(delivery, Delivery)
        name = Tick.decode(delivery.body).name
        self.ids[name].append(str(delivery.properties.message_id))
        await self._transport.ack(delivery)

    async def close(self) -> None:
        """No more."""
        await self._transport.close()

    @property
    def fewest(self) -> int:
        """How many have come of the schedule that fewest have come of."""
        return min(map(len, self.ids.values()))

    def missing(self, since: datetime) -> dict[str, int]:
        """By schedule, how many between the first that came and the last did not come."""
        return {name: _gaps(name, ids, since) for name, ids in self.ids.items()}

    def doubled(self) -> int:
        """How many came more than once."""
        return sum(len(ids) - len(set(ids)) for ids in self.ids.values())


def _gaps(name: str, ids: list[str], since: datetime) -> int:
    """Every occurrence has an id that is known beforehand."""
    came, instants = set(ids), (datetime.now(UTC) - since) // STEP + 2
    first = (since - EPOCH) // STEP
    each = [
        ScheduledRun(name, EPOCH + (first + number) * STEP).id in came for number in range(instants)
    ]
    begun = each.index(True)
    ended = len(each) - each[::-1].index(True)
    assert sum(each) == len(came), "an id that no occurrence has"
    return each[begun:ended].count(False)
