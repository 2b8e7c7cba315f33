"""pytest's side: collects the tests once, and judges each change in a process forked from there.

To start Python and to import what the tests need takes longer than nearly all tests that judge a
change. A change within a function is put into the functions that were imported already.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from tools.mutants.mutations import mutated
from tools.mutants.processes import LAST_WORDS_SECONDS

NOT_APPLIED = 64
"""The status of a process whose functions cannot take the change."""
POLL_SECONDS = 0.01
Key = tuple[str, int]


class Server:
    """Instead of running the tests, waits for changes to be judged by some of them.

    A line over the pipe `asked` has the file, the change's number, the tests and the seconds that
    they may take; the status comes back over `answered`: 0 passed, 1 failed, null hanging.
    """

    def __init__(self, asked: int, answered: int) -> None:
        self._asked = asked
        self._answered = answered

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge until the pipe is closed; True: no other loop is to run."""
        items = {item.nodeid: item for item in session.items}
        with os.fdopen(self._asked) as asked, os.fdopen(self._answered, "w") as answered:
            print("ready", file=answered, flush=True)
            for line in asked:
                path, number, tests, patience = json.loads(line)
                chosen = [items[test] for test in tests if test in items]
                status = _in_fork(session, Path(path), number, chosen, patience)
                print(json.dumps(status), file=answered, flush=True)
        return True


def _in_fork(
    session: pytest.Session, path: Path, number: int, items: Sequence[pytest.Item], patience: float
) -> int | None:
    process = os.fork()
    if process == 0:
        status = 1
        try:
            os.setsid()
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
            status = _judged(session, items) if apply(path, number) else NOT_APPLIED
        finally:
            os._exit(status)
    return _status(process, patience)


def _status(process: int, patience: float) -> int | None:
    until = time.monotonic() + patience
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            _end(process)
            return None
        time.sleep(POLL_SECONDS)


def _end(process: int) -> None:
    """End tests that hang; first in a way that lets them leave nothing behind."""
    for number, seconds in ((signal.SIGINT, LAST_WORDS_SECONDS), (signal.SIGKILL, 60)):
        with suppress(ProcessLookupError):
            os.killpg(process, number)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if os.waitpid(process, os.WNOHANG)[0]:
                return
            time.sleep(POLL_SECONDS)


def _judged(session: pytest.Session, items: Sequence[pytest.Item]) -> int:
    """Run the tests up to the first that fails; 1 where there is one."""
    try:
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                return 1
        return 0
    finally:
        with suppress(Exception):
            session._setupstate.teardown_exact(None)


def apply(path: Path, number: int) -> bool:
    """Put the change into the functions that there are; whether that can be done."""
    source = path.read_text("utf-8")
    before = dict(_functions(compile(source, str(path), "exec", dont_inherit=True)))
    after = dict(_functions(compile(mutated(source, number), str(path), "exec", dont_inherit=True)))
    changed = {key for key, code in after.items() if code != before.get(key)}
    found: set[Key] = set()
    for each in gc.get_objects():
        if not isinstance(each, FunctionType) or each.__code__.co_filename != str(path):
            continue
        key = _key(each.__code__)
        if key not in changed:
            continue
        try:
            each.__code__ = after[key]
        except ValueError:  # It has other free variables now.
            return False
        found.add(key)
    return bool(found)


def _functions(code: CodeType) -> Iterator[tuple[Key, CodeType]]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield _key(each), each
            yield from _functions(each)


def _key(code: CodeType) -> Key:
    return code.co_qualname, code.co_firstlineno
