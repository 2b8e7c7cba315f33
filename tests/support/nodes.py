"""RabbitMQ nodes of the suite's own: with ports, names and folders of their own."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from uuid import uuid4

from tests.support.calls import ERL_CALL, Control, called
from tests.support.installations import Installation

START_SECONDS = 120


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Node:
    """One RabbitMQ node; its folder is its memory, so that it may be stopped and started."""

    folder: Path
    installation: Installation
    name: str = field(default_factory=lambda: f"fault-{uuid4().hex[:8]}@localhost")
    port: int = field(default_factory=free_port)
    distribution_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    settings: str = ""
    """Further lines of its rabbitmq.conf."""
    plugins: tuple[str, ...] = ()
    """Plugins that are enabled; the management API listens on `management_port`."""
    management_port: int = field(default_factory=free_port)
    open_files: int | None = None
    """How many files it may have open; else as many as this account may."""

    @property
    def url(self) -> str:
        """Its broker URL."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    @property
    def management_url(self) -> str:
        """Its management API, where the plugin is enabled."""
        return f"http://127.0.0.1:{self.management_port}"

    @property
    def environment(self) -> dict[str, str]:
        """What makes it a node apart; all nodes of a folder share a cookie."""
        home = self.folder / self.name.partition("@")[0]
        home.mkdir(exist_ok=True)
        plugins = home / "enabled_plugins"
        plugins.write_text(f"[{','.join(self.plugins)}].")
        settings = home / "rabbitmq.conf"
        where = f"listeners.tcp.local = 127.0.0.1:{self.port}\n"
        if "rabbitmq_management" in self.plugins:
            # Statistics come each half second, not each five: tests wait for them.
            where += (
                f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {self.management_port}\n"
            )
            where += "collect_statistics_interval = 500\n"
        settings.write_text(where + self.installation.settings + self.settings)
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_PID_FILE": str(home / "pid"),
            "RABBITMQ_CONFIG_FILE": str(settings.with_suffix("")),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            "RABBITMQ_CONF_ENV_FILE": str(home / "none"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1",
        }

    def start(self) -> None:
        """Start, and return when it takes connections."""
        files = self.open_files or resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        server = self.installation.command("rabbitmq-server")
        self.process = subprocess.Popen(
            ["sh", "-c", f'ulimit -n {files}; exec "$@"', "sh", *server],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError(f"{self.name} did not start: see {self.folder}")
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop in good order."""
        self.control("stop")
        self._wait()

    def kill(self) -> None:
        """Pull the plug."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self._wait()

    def control(self, *command: str) -> str:
        """What rabbitmqctl prints; `RuntimeError` where it fails."""
        return self._control(*command)

    @cached_property
    def _control(self) -> Control:
        there = self.installation.within(str(ERL_CALL))
        return called(there, self.name, self.folder / ".erlang.cookie", self._rabbitmqctl)

    def _rabbitmqctl(self, *command: str) -> str:
        done = subprocess.run(
            self.installation.command("rabbitmqctl", "-q", "-n", self.name, *command),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"rabbitmqctl {' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return bool(connection.recv(1))
        except OSError:
            return False

    def _wait(self) -> None:
        if self.process is not None:
            self.process.wait(START_SECONDS)
            self.process = None


def cluster(nodes: Sequence[Node]) -> None:
    """Join started nodes into one cluster."""
    first = nodes[0]
    for node in nodes[1:]:
        node.control("stop_app")
        node.control("join_cluster", first.name)
        node.control("start_app")


def leader_of(nodes: Sequence[Node], queue: str) -> Node:
    """The node that leads a quorum queue of the usual virtual host, as one that lives sees it."""
    living = next(node for node in nodes if node.process is not None)
    told = living.control("eval", f"ra_leaderboard:lookup_leader('%2F_{queue}').")
    for node in nodes:
        if f"'{node.name}'" in told:
            return node
    raise RuntimeError(f"no queue {queue} on {living.name}: {told}")
