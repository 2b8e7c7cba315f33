"""What each message is called in Python and inside its service: by its place, never by order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePosixPath

from jararaca_compiler.documents.source import unescape
from jararaca_compiler.lower.draft import MessageDraft
from jararaca_compiler.naming import (
    CLASS_NAMES,
    Names,
    class_name,
    component_key,
    pascal,
    unqualified,
)

_SHARED = "/components/messages/"
CLASS_NAME = "x-class-name"
"""What a published message is called in Python, where its key says something else."""


@dataclass(frozen=True, slots=True)
class MessageNames:
    """`wire_name` is the AMQP `type`; `name` the same unless two messages share it."""

    name: str
    wire_name: str
    class_name: str


def message_names_of(messages: Mapping[str, MessageDraft]) -> dict[str, MessageNames]:
    """The identity of every message by its place.

    Where several would be called the same, the one in `components` keeps the short name and each
    of the others takes its channel's name along. A new message renames none of another name.
    """
    wire = {ref: wire_name(message) for ref, message in messages.items()}
    classes = _classes(messages, wire)
    names = _names(messages, wire, classes)
    return {ref: MessageNames(names[ref], wire[ref], classes[ref]) for ref in messages}


def wire_name(message: MessageDraft) -> str:
    """What its binding or its `name` says, else what it is called by where it stands."""
    title = message.text("title")
    return (
        message.message_type
        or message.text("name")
        or message.key
        or message.text("messageId")
        or (pascal(title) if title else message.fallback)
    )


def _classes(messages: Mapping[str, MessageDraft], wire: Mapping[str, str]) -> dict[str, str]:
    short = {
        ref: class_name(unqualified(message.key or wire[ref], message.text("title")))
        for ref, message in messages.items()
    }
    counts = Counter((_is_shared(ref), name) for ref, name in short.items())
    names = Names()
    found: dict[str, str] = {}
    for ref, message in messages.items():
        said = message.text(CLASS_NAME)
        if said is not None and said.isidentifier() and said not in CLASS_NAMES:
            found[ref] = names.take(said)
    for ref in sorted(messages.keys() - found, key=lambda ref: (not _is_shared(ref), ref)):
        is_single = counts[(_is_shared(ref), short[ref])] == 1
        longer = _longer(ref, messages[ref].key, wire[ref], short[ref])
        found[ref] = names.take_first(chain([short[ref]] if is_single else [], longer))
    return found


def _longer(ref: str, key: str | None, wire: str, short: str) -> Iterator[str]:
    """What a message's class is called where another one has the short name."""
    whole = class_name(key or wire)
    if key and wire != key:
        yield class_name(unqualified(wire, None))
    if short != whole:
        yield whole
    yield class_name(f"{_surroundings(ref)} {key or wire}")


def _names(
    messages: Mapping[str, MessageDraft], wire: Mapping[str, str], classes: Mapping[str, str]
) -> dict[str, str]:
    """The wire name where one message has it, or one of several by its key; else the class's."""
    holders: dict[str, list[str]] = {}
    for ref in messages:
        holders.setdefault(wire[ref], []).append(ref)
    found: dict[str, str] = {}
    for name in sorted(holders):
        # A published document's key is the name as far as it fits.
        keys = {name, component_key(name)}
        keyed = [ref for ref in holders[name] if messages[ref].key in keys]
        owners = holders[name] if len(holders[name]) == 1 else keyed
        if len(owners) > 1:
            owners = [ref for ref in owners if _is_shared(ref)]
        if len(owners) == 1:
            found[owners[0]] = name
    taken = set(found.values())
    for ref in sorted(messages.keys() - found.keys()):
        name = classes[ref]
        while name in taken:
            name += "Message"
        taken.add(name)
        found[ref] = name
    return found


def _is_shared(ref: str) -> bool:
    pointer = ref.partition("#")[2]
    return pointer.startswith(_SHARED) and "/" not in pointer.removeprefix(_SHARED)


def _surroundings(ref: str) -> str:
    """The channel that a message stands in, else its file."""
    path, _, pointer = ref.partition("#")
    tokens = pointer.split("/")
    if "channels" in tokens[1:-1]:
        return unescape(tokens[tokens.index("channels") + 1])
    return PurePosixPath(path).name.split(".")[0]
