"""Progress is for a person who waits: on a terminal, after a second, and gone in the end."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import time
from jararaca_compiler.commands.console.terminal import Progress
with Progress(patience={patience}) as progress:
    progress("reading shop.yaml")
    time.sleep({slow})
    progress("writing shop")
    time.sleep(0.05)
print("done")
"""


def on_terminal(patience: float, slow: float) -> str:
    """What a terminal is sent on stderr."""
    ours, theirs = pty.openpty()
    script = SCRIPT.format(patience=patience, slow=slow)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.DEVNULL, stderr=theirs
    ) as process:
        os.close(theirs)
        sent = b""
        while True:
            try:
                piece = os.read(ours, 1000)
            except OSError:  # Linux's way to say that the other end is closed.
                break
            if not piece:
                break
            sent += piece
        assert process.wait() == 0
    os.close(ours)
    return sent.decode()


def test_a_slow_step_is_shown_while_it_takes_long_and_gone_in_the_end() -> None:
    sent = on_terminal(patience=0.1, slow=0.5)
    assert sent == "\r\x1b[Kreading shop.yaml ...\r\x1b[Kwriting shop ...\r\x1b[K"


def test_what_is_quick_shows_nothing() -> None:
    assert on_terminal(patience=60, slow=0) == ""


def test_a_file_gets_no_progress(tmp_path: Path) -> None:
    script = SCRIPT.format(patience=0.01, slow=0.2)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
