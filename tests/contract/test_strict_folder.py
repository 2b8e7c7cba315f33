"""`mypy --strict .` is clean after a bare `codegen` of several services in an empty folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cli.project import IMPORTED
from tests.support.type_checking import assert_strictly_typed


def document(title: str) -> str:
    channel = {"address": f"{title}.done", "messages": {"done": {"payload": {"type": "string"}}}}
    operation = {"action": "receive", "channel": {"$ref": "#/channels/done"}}
    value = {"asyncapi": "3.0.0", "info": {"title": title, "version": "1"}}
    return json.dumps({**value, "channels": {"done": channel}, "operations": {"take": operation}})


def test_a_folder_of_several_services_is_strictly_typed(tmp_path: Path) -> None:
    for title in ("orders", "invoices"):
        (tmp_path / f"{title}.json").write_text(document(title), encoding="utf-8")
    command = [sys.executable, "-m", "jararaca.cli", "codegen", "."]
    environment = {**os.environ, "PYTHONPATH": IMPORTED}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert_strictly_typed(".", folder=tmp_path, PYTHONPATH=IMPORTED, MYPYPATH=IMPORTED)
