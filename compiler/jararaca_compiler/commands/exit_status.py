"""A command of the compiler up to its exit status; `codegen` without a flag needs no parser."""

from __future__ import annotations

import sys
from collections.abc import Callable

from jararaca_shared.garbage import few_collections
from jararaca_shared.printable import printable_lines

from jararaca_compiler.commands.console.statuses import WRONG
from jararaca_compiler.commands.console.terminal import coloured
from jararaca_compiler.project.config import ConfigError, read_config, working_folder


def codegen() -> int:
    """`jararaca codegen` as it is typed most: the sources and settings are pyproject.toml's."""
    from jararaca_compiler.commands.codegen import Codegen, Request

    def run() -> int:
        root = working_folder()
        return Codegen(root, read_config(root), Request()).run()

    return status_of(run)


def status_of(run: Callable[[], int]) -> int:
    """The command's status; 2 where it could not be done as it was asked for."""
    try:
        with few_collections():
            return run()
    except ConfigError as error:
        return _complain(error)
    except Exception as error:
        from jararaca_compiler.pipeline.write import WriteError

        if not isinstance(error, WriteError):
            raise
        return _complain(error)


def _complain(error: Exception) -> int:
    label = "\x1b[1;31merror:\x1b[0m" if coloured(sys.stderr) else "error:"
    print(f"{label} {printable_lines(str(error))}", file=sys.stderr, flush=True)
    return WRONG
