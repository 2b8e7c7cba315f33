"""Where a RabbitMQ's programs are: the system's, and a newer one beside it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.brokers import missing
from tools import debian_rabbitmq

PROGRAMS = Path("/usr/lib/rabbitmq/bin")

WITHIN = 'mount --rbind "$0/usr" /usr && exec "$@"'
"""Puts an unpacked `usr` over this machine's, for one process tree alone."""

UPSTREAM = "deprecated_features.permit.transient_nonexcl_queues = false\n"
"""What `docker run rabbitmq:4` refuses from 4.3 on, and Debian's package permits."""


@dataclass(frozen=True)
class Installation:
    """A RabbitMQ to start: its programs, and what its nodes are configured with."""

    name: str
    root: Path | None = None
    settings: str = ""

    def command(self, program: str, *arguments: str) -> list[str]:
        """The command line of one of its programs."""
        return self.within(str(PROGRAMS / program), *arguments)

    def within(self, *there: str) -> list[str]:
        """The command line that finds its files below `/usr`."""
        if self.root is None:
            return list(there)
        space = ["unshare", "--mount", "--propagation", "private"]
        return [*space, "--", "sh", "-c", WITHIN, str(self.root), *there]

    @cache  # noqa: B019 - there are two installations
    def version(self) -> str:
        """Its version: `4.3.6`."""
        told = subprocess.run(
            self.command("rabbitmqctl", "version"), capture_output=True, text=True, check=True
        )
        return told.stdout.split()[-1]


def installed() -> Installation:
    """The system's. Skips where there is none."""
    if not (PROGRAMS / "rabbitmq-server").exists() or shutil.which("erl") is None:
        missing("the Debian package rabbitmq-server is not installed")
    return Installation("installed")


def newest() -> Installation:
    """The newest that Debian has, with upstream's defaults. Skips where it cannot be had.

    TEST_RABBITMQ_RELEASE names another release of Debian (`trixie` has 4.0), and
    TEST_RABBITMQ_DEFAULTS=debian leaves its own defaults.
    """
    reason = debian_rabbitmq.reason_against()
    if reason is not None:
        missing(f"{reason}: TEST_NEWEST_BROKER_URL names one that runs")
    release = os.environ.get("TEST_RABBITMQ_RELEASE", debian_rabbitmq.NEWEST)
    root = debian_rabbitmq.unpacked(release)
    if root is None:
        missing(f"Debian {release}'s RabbitMQ could not be fetched")
    own = os.environ.get("TEST_RABBITMQ_DEFAULTS") == "debian" or release != debian_rabbitmq.NEWEST
    return Installation("newest", root, "" if own else UPSTREAM)
