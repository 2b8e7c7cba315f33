"""Generated code of another format ends in one clear error, not in something half read."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from jararaca import FORMAT
from jararaca_compiler.emit.header import FORMAT as STAMPED

from tests.contract.compiling import compiled

DOCUMENT = """
    asyncapi: 3.0.0
    info: {title: Old, version: 1.0.0}
    channels: {a: {address: a, messages: {Ping: {payload: {type: object}}}}}
    operations: {onA: {action: receive, channel: {$ref: '#/channels/a'}}}
    """


def test_the_compiler_stamps_what_the_runtime_reads() -> None:
    assert STAMPED == FORMAT


@pytest.mark.parametrize("other", [FORMAT - 1, FORMAT + 1])
def test_another_format_stops_the_start_with_one_line(tmp_path: Path, other: int) -> None:
    with compiled(tmp_path, DOCUMENT) as package:
        place = Path(package.routes.__file__ or "")
        place.write_text(place.read_text().replace(f"format={FORMAT}", f"format={other}"))
        # Python would take the bytecode for fresh: the same second, the same size.
        Path(cache_from_source(str(place))).unlink(missing_ok=True)
        command = [sys.executable, "-m", "jararaca.cli", "worker", package.routes.__name__]
        command += ["--broker-url", "memory://old"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "run `jararaca codegen`" in done.stderr
    assert f"format {other}" in done.stderr
    assert "Traceback" not in done.stderr
