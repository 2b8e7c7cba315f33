"""Who publishes: clients in Python, each a module beside this one, and the one in C."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from benchmarks import environment
from benchmarks.publishing.lanes import EXCHANGE, KEY

LIMIT = "C, librabbitmq"
BINARY = environment.HOME / "publish"


@dataclass(frozen=True, slots=True)
class Client:
    """Who publishes: a module beside this one, with its flags; none for the C client."""

    name: str
    module: str = ""
    flags: tuple[str, ...] = ()


CLIENTS = (
    Client(LIMIT),
    Client("asyncio alone", "bare"),
    Client("asyncio alone, uvloop", "bare", ("--uvloop",)),
    Client("asyncio alone, awaited", "bare", ("--awaited",)),
    Client("Jararaca", "jararaca_"),
    Client("Jararaca, uvloop", "jararaca_", ("--uvloop",)),
    Client("aio-pika", "aio_pika_"),
    Client("FastStream", "faststream_"),
)


def is_built() -> bool:
    """Whether the C client is there: it needs a compiler, and librabbitmq."""
    source, compiler = Path(__file__).parent / "publish.c", shutil.which("cc")
    if compiler is None:
        return False
    command = [compiler, "-O2", str(source), "-o", str(BINARY), "-lrabbitmq"]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        print("no C client: it needs librabbitmq-dev", file=sys.stderr)
        return False
    return True


def command(client: Client, url: str, count: int, in_flight: int) -> list[str]:
    """What its process is started with."""
    if client.module:
        module = f"benchmarks.publishing.{client.module}"
        numbers = [str(count), str(in_flight)]
        return [str(environment.PYTHON), "-m", module, url, *numbers, *client.flags]
    parts = urlsplit(url)
    who = [parts.username or "guest", parts.password or "guest"]
    where = [parts.hostname or "", str(parts.port or 5672), *who]
    vhost = unquote(parts.path[1:]) or "/"
    return [str(BINARY), *where, vhost, EXCHANGE, KEY, str(count), str(in_flight)]
