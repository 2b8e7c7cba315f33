"""`jararaca codegen --watch`: compile again after each save."""

from __future__ import annotations

import time
from pathlib import Path

from jararaca_compiler.commands.codegen import Codegen, Request
from jararaca_compiler.commands.console.statuses import DONE
from jararaca_compiler.project.config import Config
from jararaca_compiler.project.file_watch import watch


def compile_on_save(root: Path, config: Config, request: Request) -> int:
    """Compile now and after each save, until Ctrl-C; a broken document changes nothing on disk.

    Raises ConfigError, and WriteError at the first run.
    """

    def once() -> None:
        started = time.perf_counter()
        Codegen(root, config, request).run()
        print(f"({time.perf_counter() - started:.2f} s)", flush=True)

    once()
    try:
        watch(root, config, once)
    except KeyboardInterrupt:
        print("stopped", flush=True)
    return DONE
