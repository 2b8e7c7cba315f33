"""Finds what tests need: servers on their usual local ports, and a browser; adds what lacks."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
import time
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
BROWSER = "chromium"


def main() -> int:
    """Start what does not listen; 1 when a server that this account may start did not come up.

    Without root nothing is installed: the tests that need it say so themselves.
    """
    newest_rabbitmq()
    missing = [server for server in SERVERS if not listening(server.port)]
    packages = [server.package for server in missing if not is_there(server.package)]
    if shutil.which(BROWSER) is None:
        packages.append(BROWSER)
    if not missing and not packages:
        return 0
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        for server in missing:
            print(f"no {server.name} on 127.0.0.1:{server.port}: start one, or run this as root")
        if BROWSER in packages:
            print(f"no {BROWSER}: install it, or run this as root")
        return 0
    if packages and not installed(packages):
        return 1
    came_up = [started(server) for server in missing]
    return 0 if all(came_up) else 1


def newest_rabbitmq() -> None:
    """Fetch it once, where this account may; the tests that need it say where it lacks."""
    if debian_rabbitmq.reason_against() is None:
        debian_rabbitmq.unpacked()


def installed(packages: list[str]) -> bool:
    """Install packages of the distribution."""
    print(f"installing {', '.join(packages)} ...", flush=True)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
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
