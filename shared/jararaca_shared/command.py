"""The `jararaca` command's first step, where no other distribution can have overwritten it."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from jararaca_shared import distribution


def main() -> None:
    """Run the command line; another `jararaca` beside ours is told first."""
    try:
        Path.cwd()
    except OSError as error:
        sys.exit(f"error: the current folder cannot be used: {error.strerror}")
    other = distribution.other_distribution()
    if other is not None:
        mixed = f"another distribution, jararaca {other}, is installed here and overwrites this one"
        print(f"warning: {mixed}: {distribution.remedy()}", file=sys.stderr, flush=True)
    try:
        run = import_module("jararaca.cli").main
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        sys.exit(130)
    except Exception:
        if other is None:
            raise
        sys.exit(2)
    run()
