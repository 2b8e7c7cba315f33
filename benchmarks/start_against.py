"""`python -m benchmarks.start_against CHECKOUT`: what a start costs here and in another checkout.

Both run in turns with this interpreter's packages. `--instructions` counts instructions instead of
CPU time: it needs valgrind, takes one run each, and other load does not change it.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from benchmarks import environment, starting

NAMED = (
    "from jararaca import Message, MessageBusController, MessageHandler, MessageOf, Microservice"
)
COMMAND = """
try:
    from jararaca_shared.command import main
except ModuleNotFoundError:
    from jararaca.cli import main
main()
"""
ENDS_WHEN_READY = '''
import os, sys

class _Output:
    """Ends the process with the line that says that all consumers are there."""
    def __init__(self, stream): self._stream = stream
    def __getattr__(self, name): return getattr(self._stream, name)
    def write(self, text):
        self._stream.write(text)
        if text.startswith("ready"):
            own = [name for name in sys.modules if name.partition(".")[0].startswith("jararaca")]
            os.write(1, f"\\nmodules {len(own)}\\n".encode())
            os._exit(0)

sys.stdout = _Output(sys.stdout)
'''
MODULES = "import sys; print('modules', len([n for n in sys.modules if n.startswith('jararaca')]))"
VALGRIND = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
COUNTED = re.compile(r"I +refs: +([\d,]+)")


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path, help="another checkout of this repository")
    parser.add_argument("--rounds", type=int, default=12, help="runs of each (12)")
    parser.add_argument("--instructions", action="store_true", help="count them, by valgrind")
    parser.add_argument("--broker-url", default="amqp://guest:guest@127.0.0.1:5672/")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "written.py").write_text(ENDS_WHEN_READY + starting.jararaca(1))
        cases = _cases(asked.broker_url)
        measure = _instructions if asked.instructions else _seconds
        print(_table(cases, asked, measure, folder), end="")


def _cases(url: str) -> Mapping[str, tuple[str, ...]]:
    worker = (COMMAND, "worker", "written:SERVICE", "--broker-url", url, "--transport")
    return {
        "the names of an application": (f"{NAMED}; {MODULES}",),
        "all public names": (f"from jararaca import *; {MODULES}",),
        "jararaca --help": (COMMAND, "--help"),
        "worker until ready, fast": (*worker, "fast"),
        "worker until ready, plain": (*worker, "plain"),
    }


def _table(
    cases: Mapping[str, tuple[str, ...]],
    asked: argparse.Namespace,
    measure: Callable[[Path, tuple[str, ...], str], tuple[float, int]],
    folder: str,
) -> str:
    unit = "million instructions" if asked.instructions else "ms of CPU"
    lines = [
        f"| {unit} | there | here | difference | own modules |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, arguments in cases.items():
        runs: dict[Path, list[float]] = {asked.checkout.resolve(): [], environment.ROOT: []}
        modules = [measure(checkout, arguments, folder)[1] for checkout in runs]
        for _ in range(1 if asked.instructions else asked.rounds):
            for checkout, figures in runs.items():
                figures.append(measure(checkout, arguments, folder)[0])
        there, here = (median(figures) for figures in runs.values())
        counts = " -> ".join(str(count) for count in modules) if any(modules) else ""
        lines.append(f"| {name} | {there:.1f} | {here:.1f} | {here / there - 1:+.1%} | {counts} |")
    return "\n".join(lines) + "\n"


def _seconds(checkout: Path, arguments: tuple[str, ...], folder: str) -> tuple[float, int]:
    """Milliseconds of CPU, user and system, and how many modules of ours were imported."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = _run((), checkout, arguments, folder)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return used * 1_000, _modules(done.stdout)


def _instructions(checkout: Path, arguments: tuple[str, ...], folder: str) -> tuple[float, int]:
    """Millions of instructions."""
    done = _run(VALGRIND, checkout, arguments, folder)
    counted = COUNTED.search(done.stderr)
    assert counted is not None, done.stderr
    return int(counted[1].replace(",", "")) / 1e6, _modules(done.stdout)


def _run(
    around: tuple[str, ...], checkout: Path, arguments: tuple[str, ...], folder: str
) -> subprocess.CompletedProcess[str]:
    roots = [str(checkout / root) for root in ("runtime", "compiler", "shared")]
    path = os.pathsep.join([*roots, folder])
    variables = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"}
    # Compiled once, as an installed package is, whatever this shell says of bytecode.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    variables["PYTHONPYCACHEPREFIX"] = str(Path(folder, "bytecode"))
    command = [*around, sys.executable, "-c", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=variables, cwd=folder)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done


def _modules(output: str) -> int:
    found = re.search(r"^modules (\d+)$", output, re.M)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main()
