"""Whether a change that was told explains a difference of what is generated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from jararaca_compiler.compat.change import Change
from jararaca_compiler.compat.generated.mismatch import Mismatch
from jararaca_compiler.compat.generated.rows import row_explained
from jararaca_compiler.compat.table.broker import BROKER
from jararaca_compiler.compat.table.operations import OPERATIONS

_MOVED = {"topic-changed", "own-channel-changed"}
_SETTINGS = {
    "MESSAGE_TOPIC": {*_MOVED, "parameter-renamed", "kind-changed"},
    "MESSAGE_TYPE": {"kind-changed"},
    "MESSAGE_QUEUE": {"kind-changed", "queue-added", "queue-removed", "exchange-changed"},
    "MESSAGE_NAME": {"message-renamed", "class-renamed"},
    "MESSAGE_EXCHANGE": {"exchange-changed", "own-channel-changed"},
    "MESSAGE_MANDATORY": {"mandatory-added", "mandatory-removed", "kind-changed"},
    "MESSAGE_CONTENT_TYPE": {"content-type-changed"},
    "MESSAGE_ENCODING": {"content-type-changed", "schema-changed"},
    "MESSAGE_PARAMETERS": {
        *_MOVED,
        "parameter-renamed",
        "parameter-value-added",
        "parameter-value-removed",
        "parameter-enum-added",
        "parameter-enum-removed",
    },
    "MESSAGE_LOCATIONS": {*_MOVED, "parameter-renamed"},
    "MESSAGE_PARTITIONS": {"partitions-changed"},
    "MESSAGE_FILTER_BY": {"stream-filter-changed"},
    "MESSAGE_REPLIES": {
        "reply-added",
        "reply-changed",
        "message-renamed",
        "operation-added",
        "operation-removed",
        "operation-message-added",
        "operation-message-removed",
    },
}
"""What tells a setting; any other setting is told by what else an operation asks for."""
_RECEIVERS = {"MESSAGE_ON_INVALID"}
"""What a receiver does for itself: nobody else can tell."""
_PARAMETERS = ".TopicParameters"
"""The end of the name of the class that types a topic's parameters."""
_WHOLE_CHECKS = {"JSON_SCHEMA", "model_config", "OBJECTS_ONLY", "root"}
"""The checks of all of a class: any change within it may be the reason."""
_OF_OTHERS = {rule.code for rule in (*OPERATIONS, *BROKER)}
"""What an operation or the broker does says nothing of a class."""
_REQUESTS = ("request", "decode_reply")
_ASKED = {"publishing-changed", "correlation-id-changed"}
_OF_ALL = {
    "schema-changed",
    "constraint-changed",
    "type-changed",
    "variant-added",
    "variant-removed",
    "discriminator-changed",
    "kind-changed",
}
"""What is told of a message as a whole may be about each of its fields."""
_OF_FIELDS = {"type", "wire", "default"}
_TYPES = {"class", "type", "method"}
_UNTYPED = {"schema-changed", "constraint-changed"}
"""What tells of values that are allowed, and says nothing of Python's types."""
_ALL = {"producers", "consumers", "stored"}
_NAMELESS = re.compile(r"(\[\d*\]|<[^<>]*>|\.\*|\./.*/)+$")
"""The end of a subject that names no field: an item, a variant, what has no name of its own."""
_WORD = re.compile(r"[^\W_]+")


def explained(mismatch: Mismatch, told: Sequence[Change]) -> bool:
    """Whether one of the changes is about it; `told` are those that may be."""
    kind = mismatch.key.kind
    if mismatch.key.name in _RECEIVERS:
        return True
    if kind == "setting":
        codes = _SETTINGS.get(mismatch.key.name, _ASKED)
        return any(change.code in codes for change in told)
    if kind in ("clock", "topology", "route"):
        return row_explained(mismatch.key, told)
    if kind == "method" and mismatch.key.name in _REQUESTS:
        return any(change.code in _SETTINGS["MESSAGE_REPLIES"] for change in told)
    if mismatch.key.owner.endswith(_PARAMETERS):
        codes = {*_SETTINGS["MESSAGE_PARAMETERS"], "message-removed", "kind-changed"}
        return any(change.code in codes for change in told)
    told = [change for change in told if change.code not in _OF_OTHERS]
    if kind == "check" and mismatch.key.name in _WHOLE_CHECKS:
        return bool(told)
    if kind == "class" and mismatch.old is None:
        return bool(told)
    if kind == "class" and mismatch.new is None:
        return any("code" in change.breaks for change in told)
    if kind == "method" and mismatch.key.name == "__partition_key__":
        return bool(told)
    if kind == "method" and any(change.code in _MOVED for change in told):
        return True
    if kind in _OF_FIELDS:
        told = [change for change in told if _is_at(change, mismatch)]
    if kind in _TYPES:
        told = [change for change in told if change.code not in _UNTYPED]
    is_whole = kind == "class" or mismatch.key.name == "root"
    words, uses = _plain(mismatch.words), _plain(mismatch.uses)
    return any(
        (words | uses if is_whole else words) & _words_of(change)
        or _is_of_all(change, uses)
        or (is_whole and change.subject == change.group)
        for change in told
    )


def _is_at(change: Change, mismatch: Mismatch) -> bool:
    """Whether a change is about the field itself, not about one that lies deeper in its value."""
    if mismatch.key.name == "root":
        return True
    if change.subject == change.group:
        return mismatch.key.kind != "default" or {*change.breaks, *change.risks} >= _ALL
    below = _NAMELESS.sub("", change.subject.removeprefix(change.group))
    return bool(_plain([below, below.rpartition(".")[2]]) & _plain(mismatch.words))


def _words_of(change: Change) -> set[str]:
    """What a change names: the parts of its subject, and the values in its wording."""
    below = change.subject.removeprefix(change.group)
    return _plain([below, *re.split(r"[.\[\]<>]", below), *map(str, change.values.values())])


def _is_of_all(change: Change, uses: set[str]) -> bool:
    """Whether a change is about all of a message, or all of a field that the class is for."""
    if change.code not in _OF_ALL:
        return False
    last = re.split(r"[.\[\]<>]", change.subject)
    return change.subject == change.group or bool(_plain(last[-2:]) & uses)


def _plain(words: Iterable[str]) -> set[str]:
    """Names without what differs between JSON and Python: case, and what is no letter."""
    return {"".join(_WORD.findall(word)).lower() for word in words} - {""}
