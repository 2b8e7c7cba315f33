"""Another Debian release's RabbitMQ, unpacked beside the system's own; nothing is installed."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools.environment import quietly

FOLDER = Path(__file__).parents[1] / ".rabbitmq"
"""Git ignores it: about 190 MB a release."""

NEWEST = "sid"
"""The release of Debian that has the newest RabbitMQ: 4.3."""

WHOLE = "whole"
"""The mark of a folder that nothing is missing from."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PACKAGES = (
    "rabbitmq-server",
    # What its start scripts call, for a process that sees this /usr and no other.
    *("dash", "bash", "coreutils", "sed", "grep", "gawk", "util-linux", "procps", "findutils"),
    *("hostname", "libc-bin", "usr-is-merged-", "systemd-"),
)


def reason_against() -> str | None:
    """Why this machine cannot have one; None where it can."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return "another RabbitMQ is run beside the system's by root alone"
    if shutil.which("apt-get") is None or not KEYRING.exists():
        return "another RabbitMQ is unpacked by Debian's apt alone"
    return None


def is_unpacked(release: str = NEWEST) -> bool:
    """Whether it is there already."""
    return (FOLDER / release / WHOLE).exists()


def unpacked(release: str = NEWEST) -> Path | None:
    """The folder with the release's `usr`, fetched at the first call; None where that failed."""
    root = FOLDER / release
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{release}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        whole = root / WHOLE
        if whole.exists():
            return root
        shutil.rmtree(root, ignore_errors=True)
        if not _fetched(release, root):
            return None
        whole.touch()
        return root


def _fetched(release: str, root: Path) -> bool:
    """Let apt resolve against an empty machine, and unpack what it would install."""
    mirror = _mirror()
    if mirror is None:
        print("apt is configured without a Debian mirror", flush=True)
        return False
    print(f"unpacking Debian {release}'s RabbitMQ ...", flush=True)
    work = FOLDER / f"{release}.apt"
    (work / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (work / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    (work / "status").touch()
    (work / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} {release} main\n")
    try:
        apt = ("apt-get", "-qq", *_options(work))
        if not quietly(*apt, "update"):
            return False
        if not quietly(*apt, "install", "-y", "--download-only", *PACKAGES):
            return False
        root.mkdir(parents=True)
        archives = sorted((work / "cache" / "archives").glob("*.deb"))
        return all(quietly("dpkg-deb", "-x", str(each), str(root)) for each in archives)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _options(work: Path) -> list[str]:
    """What keeps apt away from this machine's own state."""
    settings = {
        "Dir::State": work,
        "Dir::State::Lists": work / "lists",
        "Dir::State::Status": work / "status",
        "Dir::Cache": work / "cache",
        "Dir::Etc::SourceList": work / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root",
        "APT::Keep-Downloaded-Packages": "true",
        "Acquire::Languages": "none",
    }
    return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def _mirror() -> str | None:
    """The Debian mirror of this machine's own apt; None where it has none.

    A machine that never asked for the lists knows none of its mirrors by name.
    """
    return _configured() or (_configured() if quietly("apt-get", "-qq", "update") else None)


def _configured() -> str | None:
    command = ("apt-get", "indextargets", "--format", "$(REPO_URI)", "Identifier: Packages")
    with suppress(OSError, subprocess.SubprocessError):
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        for address in told.split():
            if address.rstrip("/").endswith("/debian"):
                return address
    return None


if __name__ == "__main__":
    sys.exit(0 if reason_against() is None and unpacked(*sys.argv[1:]) else 1)
