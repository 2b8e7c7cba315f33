"""The CPU time of a broker on this machine: of the process that listens on its port."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

LISTENS = "0A"
PROC = Path("/proc")


class BrokerCpu:
    """Asks the kernel, which needs the right to see the broker's open files."""

    def __init__(self, url: str) -> None:
        self._process = _listening(urlsplit(url).port or 5672)

    def seconds(self) -> float | None:
        """CPU seconds that it has used since it started; None for a broker that is not found."""
        if self._process is None:
            return None
        after_name = (self._process / "stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def _listening(port: int) -> Path | None:
    wanted = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in PROC.glob("[0-9]*"):
        try:
            if any(str(each.readlink()) in wanted for each in (process / "fd").iterdir()):
                return process
        except OSError:
            continue
    return None


def _inodes(port: int) -> list[str]:
    found = []
    for table in ("tcp", "tcp6"):
        for line in (PROC / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                found.append(fields[9])
    return found
