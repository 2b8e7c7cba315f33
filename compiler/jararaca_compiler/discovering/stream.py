"""All messages of one name on one topic of an exchange, as what is kept of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from jararaca_compiler.discovering.contents import Content
from jararaca_compiler.discovering.shapes.profile import Profile, Room
from jararaca_compiler.listening.heard import OURS, HeardMessage

MOST_NAMES = 12
"""Publishers, queues and the like that are named; further ones are not."""


@dataclass(slots=True)
class Stream:
    """Counts, first and last time, shapes of bodies and headers, and who was named."""

    name: str = ""
    by: str = ""
    envelope: str = ""
    within: str = ""
    is_task: bool = False
    count: int = 0
    since: str = ""
    until: str = ""
    typed: int = 0
    replies_wanted: int = 0
    contents: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    packed: int = 0
    publishers: Counter[str] = field(default_factory=Counter)
    queues: Counter[str] = field(default_factory=Counter)
    body: Profile = field(default_factory=Profile)
    headers: Profile = field(default_factory=Profile)
    room: Room = field(default_factory=Room)

    def add(self, message: HeardMessage, content: Content) -> None:
        """One more message."""
        at = message.at.isoformat(timespec="seconds")
        self.count += 1
        self.since = min(self.since or at, at)
        self.until = max(self.until, at)
        self.typed += message.properties.type is not None
        self.replies_wanted += message.properties.reply_to is not None
        self.packed += content.is_packed
        self.contents[content.kind] += 1
        if content.type is not None:
            _note(self.types, content.type)
        for publisher in (message.properties.app_id, message.connection, message.user):
            if publisher:
                _note(self.publishers, publisher)
                break
        for queue in message.queues:
            _note(self.queues, queue)
        if content.is_json:
            self.body.add(content.value, self.room)
        headers = {
            name: value
            for name, value in message.headers.items()
            if _plain(value) and not name.startswith(OURS)
        }
        self.headers.add(headers, self.room)

    def merge(self, other: Stream) -> None:
        """The messages of another stream as well."""
        if not self.count:
            self.name, self.by, self.is_task = other.name, other.by, other.is_task
            self.envelope, self.within = other.envelope, other.within
        self.since = min(filter(None, (self.since, other.since)), default="")
        self.until = max(self.until, other.until)
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _COUNTERS:
            for key, number in getattr(other, name).items():
                _note(getattr(self, name), key, number)
        self.body.merge(other.body)
        self.headers.merge(other.headers)

    def kept(self) -> dict[str, Any]:
        """As JSON, for the next run."""
        plain = {name: getattr(self, name) for name in (*_TEXTS, "is_task", *_NUMBERS)}
        counters = {name: dict(getattr(self, name)) for name in _COUNTERS}
        return {**plain, **counters, "body": self.body.kept(), "headers": self.headers.kept()}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Stream:
        """What `kept` wrote."""
        made = cls(**{name: kept[name] for name in (*_TEXTS, "is_task", *_NUMBERS)})
        for name in _COUNTERS:
            setattr(made, name, Counter(kept[name]))
        made.body, made.headers = Profile.of(kept["body"]), Profile.of(kept["headers"])
        return made


_TEXTS = ("name", "by", "envelope", "within", "since", "until")
_NUMBERS = ("count", "typed", "replies_wanted", "packed")
_COUNTERS = ("contents", "types", "publishers", "queues")


def _note(counter: Counter[str], name: str, number: int = 1) -> None:
    if name in counter or len(counter) < MOST_NAMES:
        counter[name] += number


def _plain(value: Any) -> bool:
    """Whether JSON Schema can say what a header's value is."""
    return value is None or isinstance(value, str | int | float | bool)
