"""The `jararaca` command; each command is a module that imports what it needs when it runs."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import NoReturn

from jararaca_shared.distribution import extra_of, install

from jararaca.errors import ConfigurationError, DecodeError, JararacaError, PublishParameterError

BAD_INPUT = (ConfigurationError, DecodeError, PublishParameterError)
ALONE: dict[tuple[str, ...], tuple[str, str]] = {
    ("codegen",): ("jararaca_compiler.commands.exit_status", "codegen"),
}
"""Commands that have nothing to be parsed: a parser takes longer than they do (0.13 s)."""


def main() -> None:
    """Run the command line; what goes wrong is one line on stderr and an exit status.

    0: done. 1: it did not succeed (unreachable broker, unroutable message, stale output).
    2: the input was wrong (a flag, a document, a message, an application).
    130: interrupted with Ctrl-C, however early.
    """
    try:
        alone = ALONE.get(tuple(sys.argv[1:]))
        if alone is not None:
            _run_alone(*alone)
        from jararaca.cli.application import application

        application(sys.argv[1] if sys.argv[1:] else None)(prog_name="jararaca")
    except JararacaError as error:
        _fail(str(error), 2 if isinstance(error, BAD_INPUT) else 1)
    except ModuleNotFoundError as error:
        extra = extra_of(error)
        if extra is None:
            raise
        _fail(f"this needs {error.name}: {install(extra)}", 2)
    except KeyboardInterrupt:
        # Nothing is imported for it, and a second Ctrl-C has nothing left to interrupt.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("error: interrupted", file=sys.stderr)
        sys.exit(130)


def cli() -> None:
    """What the script of the other `jararaca` calls where that was installed last."""
    import_module("jararaca_shared.command").main()


def _run_alone(module: str, function: str) -> NoReturn:
    """Run a command, and leave as a parsed one does."""
    try:
        sys.exit(getattr(import_module(module), function)())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _fail(text: str, status: int) -> NoReturn:
    from jararaca.cli.console import complain

    complain(text)
    sys.exit(status)
