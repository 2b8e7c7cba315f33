"""The facts of a class's methods: what each hands on of arguments that nobody else has."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any, Literal, get_args, get_origin, get_type_hints

_BESIDE = ("headers", "message_id", "timeout")
"""Arguments beside the parameters of the topic; they are handed on as they are."""
REQUIRED = "required"


def arguments(cls: Any, method: str) -> dict[str, Any]:
    """By wire name the topic's parameters that `publish` or `request` takes: the values that it
    lists, and its default. What is not handed on is missing.
    """
    function = getattr(cls, method)
    if function.__qualname__.startswith(("Message.", "RootMessage.", "BinaryMessage.")):
        return {}
    signature = inspect.signature(function).parameters
    given = {name: object() for name in signature if name != "self"}
    handed = _handed(function, method, given)
    if handed is None:
        return {method: "does nothing"}
    values, *others = handed
    hints = get_type_hints(function, localns=vars(cls))
    names = {id(token): name for name, token in given.items()}
    found = {
        wire: [listed(hints[names[id(token)]]), _default(signature[names[id(token)]])]
        for wire, token in values.items()
        if id(token) in names
    }
    lost = [name for name in _BESIDE if name in given and id(given[name]) not in map(id, others)]
    return found | dict.fromkeys(lost, "is not handed on")


def _handed(
    function: Callable[..., Any], method: str, given: Mapping[str, object]
) -> tuple[Any, ...] | None:
    """What the method gives to the one of `Message` that does the work."""
    seen: list[tuple[Any, ...]] = []

    async def take(*handed: Any) -> object:
        seen.append(handed)
        return None

    answer = object()
    stub = SimpleNamespace(decode_reply=lambda reply: answer, **{f"_{method}": take})
    try:
        function(stub, **given).send(None)
    except StopIteration as end:
        is_answered = end.value is (answer if method == "request" else None)
        return seen[0] if len(seen) == 1 and is_answered else None
    return None


def answers(cls: Any) -> list[str]:
    """The classes that an answer is read as."""
    seen: list[Any] = []
    stub = SimpleNamespace(_one_of=lambda reply, *kinds: seen.extend(kinds))
    cls.decode_reply.__func__(stub, object())
    get_type_hints(cls.decode_reply, localns=vars(cls))
    return sorted(kind.__name__ for kind in seen)


def typed_parameters(cls: Any) -> dict[str, Any]:
    """By name the values that type checkers know of a topic's parameter; whether it is there."""
    holder = cls.__dict__.get("TopicParameters")
    if holder is None:
        return {}
    hints = get_type_hints(holder)
    return {name: [listed(hint), name in holder.__required_keys__] for name, hint in hints.items()}


def listed(annotation: Any) -> list[Any]:
    """The values of the `Literal` in an annotation."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [value for part in get_args(annotation) for value in listed(part)]


def _default(argument: inspect.Parameter) -> Any:
    return REQUIRED if argument.default is argument.empty else argument.default


def expected_arguments(parameters: Iterable[Any]) -> dict[str, Any]:
    """What `arguments` finds for the parameters of a topic."""
    return {
        each.name: [
            list(each.enum),
            None if each.location else REQUIRED if each.default is None else each.default,
        ]
        for each in parameters
    }
