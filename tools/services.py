"""Finds what tests need: servers on their usual local ports, and tools; adds what lacks."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools import debian_rabbitmq
from tools.environment import quietly

START_SECONDS = 90


@dataclass(frozen=True)
class Server:
    """A server, Debian's package with it, and the command that the package starts it by."""

    name: str
    port: int
    package: str
    service: str


SERVERS = (
    Server("RabbitMQ", 5672, "rabbitmq-server", "rabbitmq-server"),
    Server("Redis", 6379, "redis-server", "redis-server"),
    Server("PostgreSQL", 5432, "postgresql", "postgresql"),
)
TOOLS = {"chromium": "chromium", "promtool": "prometheus", "systemd-analyze": "systemd"}
"""Commands that tests call, and Debian's packages with them. Nothing of these is started."""

FETCHED = Path(__file__).parents[1] / "build" / "asyncapi-tools"
"""The first of what tests fetch by themselves; what they have fetched once they keep."""


def main() -> int:
    """Add what lacks; 1 when that failed.

    Without root nothing is installed, and nothing without leave where a person sits at a terminal:
    the tests that need it say so themselves.
    """
    wanted = lacking()
    if not wanted.steps:
        return 0
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        for line in wanted.advice():
            print(line)
        return 0
    print(f"make test will: {'; '.join(wanted.steps)}", flush=True)
    if asks() and not agreed():
        print("nothing was installed or started: the tests that need it are skipped")
        return 0
    return 0 if add(wanted) else 1


@dataclass(frozen=True)
class Lacking:
    """What this machine does not have yet."""

    packages: tuple[str, ...]
    servers: tuple[Server, ...]
    newest_rabbitmq: bool
    fetched: bool

    @property
    def steps(self) -> tuple[str, ...]:
        """What would be done about it."""
        steps = []
        if self.packages:
            steps.append(f"install {', '.join(self.packages)} with apt")
        if self.servers:
            steps.append(f"start {', '.join(server.name for server in self.servers)}")
        if self.newest_rabbitmq:
            folder = debian_rabbitmq.FOLDER.name
            steps.append(f"unpack the newest RabbitMQ into {folder} (190 MB; nothing is installed)")
        if self.fetched:
            folder = f"{FETCHED.parent.name}/"
            steps.append(f"fetch pinned packages from npm and PyPI into {folder} (in some tests)")
        return tuple(steps)

    def advice(self) -> Iterator[str]:
        """What a person who is not root can do."""
        for server in self.servers:
            yield f"no {server.name} on 127.0.0.1:{server.port}: start one, or run this as root"
        for tool, package in TOOLS.items():
            if package in self.packages:
                yield f"no {tool}: install {package}, or run this as root"


def lacking() -> Lacking:
    """Look, and change nothing."""
    servers = tuple(server for server in SERVERS if not listening(server.port))
    packages = [server.package for server in servers if not is_there(server.package)]
    packages += [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    newest = debian_rabbitmq.reason_against() is None and not debian_rabbitmq.is_unpacked()
    return Lacking(tuple(packages), servers, newest, fetched=not FETCHED.exists())


def asks() -> bool:
    """Whether a person is there to say yes or no."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("CI")


def agreed() -> bool:
    """Ask; Enter is a yes."""
    try:
        return input("Go on? [Y/n] ").strip().lower() in ("", "y", "yes")
    except (EOFError, KeyboardInterrupt):
        print()
        return False


def add(wanted: Lacking) -> bool:
    """Install and start it; whether all of it is there now.

    The newest RabbitMQ may lack: the tests that need it say so.
    """
    if wanted.packages and not installed(wanted.packages):
        return False
    if wanted.newest_rabbitmq:
        debian_rabbitmq.unpacked()
    came_up = [started(server) for server in wanted.servers]
    return all(came_up)


def installed(packages: Sequence[str]) -> bool:
    """Install packages of the distribution."""
    print(f"installing {', '.join(packages)} ...", flush=True)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    # Servers are started here, and only those that listen nowhere: packages start none.
    os.environ["RUNLEVEL"] = "1"
    return quietly("apt-get", "-qq", "update") and quietly(
        "apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages
    )


def started(server: Server) -> bool:
    """Start one server and wait until it listens."""
    print(f"starting {server.name} ...", flush=True)
    # RabbitMQ reserves three files a quorum queue, and answers nobody once it has no more.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    command = ["service", server.service, "start"]
    subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if listening(server.port):
            return True
        time.sleep(0.5)
    print(f"{server.name} did not start: see `service {server.service} status`", file=sys.stderr)
    return False


def listening(port: int) -> bool:
    """Whether something answers on a local port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False


def is_there(package: str) -> bool:
    """Whether Debian's package is installed."""
    command = ["dpkg-query", "-W", "-f", "${Status}", package]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "install ok installed" in done.stdout


if __name__ == "__main__":
    sys.exit(main())
