"""The parameters of a message's topic: their names, their values, their defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jararaca_compiler import ir
from jararaca_compiler.compat.change import Change, Whom

Made = Callable[..., Change]
"""`made(code, breaks, **values)` is a change of the message."""


def parameters(old: ir.Message, new: ir.Message, made: Made) -> Iterator[Change]:
    """Every change of the parameters of a topic that has kept its shape."""
    for was, now in zip(old.parameters, new.parameters, strict=False):
        if was.python_name != now.python_name:
            yield made("parameter-renamed", ("code",), old=was.name, new=now.name)
        yield from _values(was, now, made)
        if was.default != now.default:
            values = {"old": _shown(was.default), "new": _shown(now.default)}
            why = _FIRST if was.default is None else _GONE if now.default is None else _OTHER
            breaks: tuple[Whom, ...] = ("consumers", "code") if why == _OTHER else ("code",)
            breaks = () if was.default is None else breaks
            yield made("parameter-default-changed", breaks, why=why, name=now.name, **values)


_NARROWED: tuple[Whom, ...] = ("producers", "stored", "code")
_WIDENED: tuple[Whom, ...] = ("consumers", "code")
_FIRST = ""
_GONE = "Code that publishes without it must now pass it."
_OTHER = "What is published without it goes to a different topic."


def _values(was: ir.Parameter, now: ir.Parameter, made: Made) -> Iterator[Change]:
    if now.enum and not was.enum:
        yield made("parameter-enum-added", _NARROWED, name=now.name, values=_listed(now))
    elif was.enum and not now.enum:
        yield made("parameter-enum-removed", _WIDENED, name=now.name, values=_listed(was))
    else:
        for value in now.enum:
            if value not in was.enum:
                yield made("parameter-value-added", ("consumers",), name=now.name, value=value)
        for value in was.enum:
            if value not in now.enum:
                yield made("parameter-value-removed", _NARROWED, name=now.name, value=value)


def _listed(parameter: ir.Parameter) -> str:
    return ", ".join(f"`{value}`" for value in parameter.enum)


def _shown(default: str | None) -> str:
    return "not set" if default is None else f"`{default}`"
