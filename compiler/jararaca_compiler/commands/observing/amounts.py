"""How long, and which share of the time: as they are typed."""

from __future__ import annotations

import re

from jararaca_compiler.project.config import ConfigError

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds_of(text: str) -> float:
    """`10m` -> 600. Raises ConfigError."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smhd]?)", text.strip())
    if found is None or float(found[1]) <= 0:
        raise ConfigError(f"--for {text}: write a number with s, m, h or d, such as 90s or 10m")
    return float(found[1]) * _UNITS[found[2]]


def share_of(text: str) -> float:
    """`1%` -> 0.01. Raises ConfigError."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(%?)", text.strip())
    share = float(found[1]) / (100 if found[2] else 1) if found is not None else 0.0
    if not 0 < share <= 1:
        raise ConfigError(f"--sample {text}: write a share such as 1% or 0.05, 100% at most")
    return share
