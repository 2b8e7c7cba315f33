"""From topics that were heard to patterns with parameters: which word is one of many, and its name.

A pure function of what was gathered, so that two runs give the same names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jararaca_compiler.discovering.gathering import ID, Topic
from jararaca_compiler.discovering.stream import Stream
from jararaca_compiler.naming import snake

MANY = 8
"""Words at one place, among neighbours and messages that are the same, that make a parameter."""

FEW = 2
"""As many do where the publisher itself names the message, and each word has brought it."""

MOST_WORDS = 16
"""Words of a parameter that the document lists, where they are no ids."""


@dataclass(slots=True)
class Pattern:
    """A channel: words, of which None are parameters, and what was heard there by name."""

    words: tuple[str | None, ...]
    streams: dict[str, Stream]
    values: dict[int, set[str]] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[int, str]:
        """Names of the parameters by their places."""
        names: dict[int, str] = {}
        for place, word in enumerate(self.words):
            if word is None:
                name = _name(self, place)
                number = sum(each.rstrip("0123456789") == name for each in names.values())
                names[place] = name if not number else f"{name}{number + 1}"
        return names

    @property
    def address(self) -> str:
        """`orders.{orderId}.placed`."""
        names = self.parameters
        return ".".join(
            f"{{{names[place]}}}" if word is None else word for place, word in enumerate(self.words)
        )


def patterns_of(topics: Mapping[Topic, Mapping[str, Stream]]) -> list[Pattern]:
    """The channels of an exchange, by address."""
    found = [
        Pattern(tuple(None if word == ID else word for word in topic), dict(streams))
        for topic, streams in sorted(topics.items())
    ]
    for place in range(max((len(each.words) for each in found), default=0)):
        found = _merged(found, place)
    return sorted(_apart(found), key=lambda each: each.address)


def _merged(found: list[Pattern], place: int) -> list[Pattern]:
    """The patterns, those that differ at one place alone made one where that is a parameter."""
    groups: dict[tuple[object, ...], list[Pattern]] = {}
    for pattern in found:
        # No parameter is empty: a routing key without any word is a topic of its own.
        if place < len(pattern.words) and pattern.words[place] != "":
            around = (*pattern.words[:place], ..., *pattern.words[place + 1 :])
            groups.setdefault((around, frozenset(_names(pattern))), []).append(pattern)
        else:
            groups.setdefault((pattern.words,), []).append(pattern)
    return [each for group in groups.values() for each in _one_or_all(group, place)]


def _one_or_all(group: list[Pattern], place: int) -> list[Pattern]:
    if len(group) < FEW:
        return group
    is_named = all(stream.name and stream.by != "" for stream in _streams(group))
    enough = FEW if is_named and place < len(group[0].words) - 1 else MANY
    if len(group) < enough or not _same_shapes(group):
        return group
    words = {pattern.words[place] for pattern in group}
    made = Pattern((*group[0].words[:place], None, *group[0].words[place + 1 :]), {})
    listed = {word for word in words if word is not None}
    made.values = {**group[0].values}
    if None not in words and len(listed) <= MOST_WORDS:
        made.values[place] = listed
    for pattern in group:
        for key, stream in pattern.streams.items():
            made.streams.setdefault(key, Stream()).merge(stream)
    return [made]


def _apart(found: list[Pattern]) -> list[Pattern]:
    """Patterns of which none covers another: whoever listens to that one hears the other's too."""
    kept: list[Pattern] = []
    for pattern in sorted(found, key=lambda each: -each.words.count(None)):
        wider = next((each for each in kept if _covers(each, pattern)), None)
        if wider is None:
            kept.append(pattern)
        else:
            _take_in(wider, pattern)
    return kept


def _covers(wider: Pattern, pattern: Pattern) -> bool:
    """Of parameters alone, it would take in all that has as many words: then it stands apart."""
    alike = len(wider.words) == len(pattern.words)
    if wider.words == pattern.words or not alike or not any(wider.words):
        return wider.words == pattern.words
    return all(
        mine == word or (mine is None and word != "")
        for mine, word in zip(wider.words, pattern.words, strict=True)
    )


def _take_in(wider: Pattern, pattern: Pattern) -> None:
    """Its messages, and its words where the parameters' are listed."""
    for place in list(wider.values):
        word = pattern.words[place]
        more = pattern.values.get(place, set()) if word is None else {word}
        wider.values[place] = wider.values[place] | more
        if not more or len(wider.values[place]) > MOST_WORDS:
            del wider.values[place]
    for key, stream in pattern.streams.items():
        wider.streams.setdefault(key, Stream()).merge(stream)


def _names(pattern: Pattern) -> Iterable[str]:
    return (stream.name or key for key, stream in pattern.streams.items())


def _streams(group: list[Pattern]) -> Iterable[Stream]:
    return (stream for pattern in group for stream in pattern.streams.values())


def _same_shapes(group: list[Pattern]) -> bool:
    """Whether each message has nearly the same fields wherever it came."""
    for key in group[0].streams:
        shapes = [set(p.streams[key].body.fields) for p in group if key in p.streams]
        every, common = set().union(*shapes), set(shapes[0]).intersection(*shapes)
        if len(common) < 0.5 * len(every):
            return False
    return True


def _name(pattern: Pattern, place: int) -> str:
    """What the neighbours call it: the field with the same words, else the word before."""
    values = pattern.values.get(place)
    if values:
        for stream in pattern.streams.values():
            for name, profile in stream.body.fields.items():
                if profile.texts.words is not None and values <= set(profile.texts.words):
                    return _camel(name)
    before = pattern.words[place - 1] if place else None
    if before is None:
        return "id" if values is None else "key"
    return _camel(_singular(before)) + ("Id" if values is None else "Kind")


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        return word[:-1]
    return word


def _camel(name: str) -> str:
    first, *rest = snake(name).strip("_").split("_")
    return first + "".join(part.capitalize() for part in rest)
