"""What `jararaca dev` adds to the pages: the desk, its files, and what its scripts ask for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from importlib.resources import files
from typing import Any

from jararaca.application.microservice import Microservice
from jararaca.dev.catalogue import Catalogue
from jararaca.dev.checking import Asked, NotAskedWellError, asked, parsed
from jararaca.dev.journal import Journal
from jararaca.dev.letters import MOST_LETTERS, Letters
from jararaca.dev.sending import MOST_SECONDS, SECONDS, Sender
from jararaca.dev.sharing import Sharing
from jararaca.dev.watching import Watching
from jararaca.errors import JararacaError
from jararaca.transport import Transport

Answer = tuple[int, str, bytes]
JSON = "application/json; charset=utf-8"
DESK = "/-/desk"
ASSETS = {
    DESK: ("desk.html", "text/html; charset=utf-8"),
    **{f"/-/{name}": (name, "text/css; charset=utf-8") for name in ("desk.css", "try-it.css")},
    **{
        f"/-/{name}.js": (f"{name}.js", "text/javascript; charset=utf-8")
        for name in (
            "desk",
            "try-it",
            "dom",
            "editor",
            "compose",
            "stream",
            "timeline",
            "letters",
            "store",
        )
    },
}
MESSAGES, MESSAGE, BODY = "/-/messages", "/-/message/", "/-/body/"
LETTERS_SECONDS = 60.0
GRACE_SECONDS = 5.0


class PageApi:
    """Answers the desk's scripts.

    Pages are served by threads and messages are handled by the event loop: what is sent or
    fetched crosses over. Whatever does more than read this process's memory is a POST.
    """

    head = (
        '<link rel="stylesheet" href="/-/try-it.css">\n'
        '<script type="module" src="/-/try-it.js"></script>\n'
    )

    def __init__(self, microservice: Microservice, transport: Transport) -> None:
        self._loop = asyncio.get_running_loop()
        self._catalogue = Catalogue(microservice)
        self._journal = Journal()
        self.watching = Watching(self._catalogue, self._journal)
        self.sharing = Sharing(self._journal)
        self._sender = Sender(transport, self._catalogue, self.watching)
        self._letters = Letters(transport, microservice, self._catalogue)
        self._posts: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
            "/-/publish": self._publish,
            "/-/check": self._check,
            "/-/letters": self._list_letters,
            "/-/replay": self._replay,
        }

    def get(self, path: str) -> Answer | None:
        """The desk's files, the messages, one of them with its bodies, and a body as a whole."""
        if path in ASSETS:
            name, kind = ASSETS[path]
            return 200, kind, files("jararaca.dev").joinpath("assets", name).read_bytes()
        if path == MESSAGES:
            return _json(self._catalogue.listed())
        if path.startswith(MESSAGE):
            described = self._catalogue.described(path.removeprefix(MESSAGE))
            return None if described is None else _json(described)
        if path.startswith(BODY):
            body = self._journal.body(path.removeprefix(BODY))
            return None if body is None else _json({"body": body})
        return None

    def post(self, path: str, body: bytes) -> Answer:
        """Do what a page asks for; what is wrong with that is the answer's `error`.

        It is an answer like another: a status of 422 would be an error in the console.
        """
        if path not in self._posts:
            return 404, JSON, b'{"error": "there is nothing here"}'
        try:
            return _json(self._posts[path](parsed(body)))
        except (NotAskedWellError, JararacaError) as error:
            return _json({"error": str(error)})
        except TimeoutError:
            return _json({"error": "it has not ended in time"})

    def wait(self, known: int, seconds: float) -> tuple[int, Sequence[str]]:
        """The entries after the first `known` ones, as soon as there is one."""
        return self._journal.wait(known, seconds)

    def _check(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return _problems(asked(request, self._catalogue))

    def _publish(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        wanted, seconds = asked(request, self._catalogue), _seconds(request)
        checked = wanted.checked()
        if isinstance(checked, list):
            return _problems(wanted)
        sending = self._sender.send(wanted, checked, seconds)
        return self._awaited(sending, seconds + GRACE_SECONDS)

    def _list_letters(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        most = 0 if request.get("counts") is True else MOST_LETTERS
        return self._awaited(self._letters.listed(most), LETTERS_SECONDS)

    def _replay(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._awaited(self._letters.replay(request), LETTERS_SECONDS)

    def _awaited(
        self, work: Coroutine[Any, Any, Mapping[str, Any]], seconds: float
    ) -> Mapping[str, Any]:
        """What the event loop makes of it. Raises TimeoutError, and what the work raises."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(seconds)
        except TimeoutError:
            future.cancel()
            raise


def _problems(wanted: Asked) -> Mapping[str, Any]:
    found = wanted.checked()
    return {"problems": [each.as_json() for each in found] if isinstance(found, list) else []}


def _seconds(request: Mapping[str, Any]) -> float:
    """How long a request waits. Raises NotAskedWellError."""
    given = request.get("timeout", SECONDS)
    if type(given) not in (int, float) or not 0 < given <= MOST_SECONDS:
        raise NotAskedWellError(f"a request waits up to {MOST_SECONDS:g} s, got {given!r}")
    return float(given)


def _json(value: object) -> Answer:
    return 200, JSON, json.dumps(value, default=str).encode()
