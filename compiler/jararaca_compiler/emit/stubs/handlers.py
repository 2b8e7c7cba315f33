"""Handler stubs: a new file from a template; in a person's file, only what is missing is added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.documents.source import Span
from jararaca_compiler.emit.models.messages.requests import reply_type
from jararaca_compiler.emit.python.formatting import docstring
from jararaca_compiler.emit.stubs.edits import Edits
from jararaca_compiler.emit.stubs.handwritten import Handwritten, Method, NotPythonError
from jararaca_compiler.emit.stubs.missing import missing_messages

_DECORATORS = ("MessageBusController", "MessageHandler", "MessageOf", "stub")
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Completion:
    """A handlers file as it should be, and what was added to it: `ShopHandlers.place_order`."""

    text: str
    added: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A method: the messages that it takes, the first operation that it is for, its options."""

    operation: ir.Operation
    messages: tuple[ir.Message, ...]
    options: tuple[str, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """The messages' classes."""
        return tuple(message.class_name for message in self.messages)


@dataclass(frozen=True, slots=True)
class _Names:
    """How a file refers to what a stub needs."""

    messages: str
    runtime: dict[str, str]


def complete(
    service: ir.Service,
    package: str,
    path: str,
    existing: str | None,
    known: frozenset[str] | None = None,
    options: Mapping[str, Sequence[str]] | None = None,
) -> Completion | None:
    """The handlers of a service; None where it has none and no file.

    `package` is where the service's package is imported from, `existing` the file's text now,
    `known` the names in its module of messages, `options` the options of new methods' decorators.
    """
    wanted = _wanted(service, options or {})
    if existing is None:
        return _created(service, wanted, package) if wanted else None
    try:
        file = Handwritten(existing)
    except NotPythonError as error:
        span = Span(path, error.line, error.column, error.line, error.column + 1)
        found = diagnose("handlers-not-python", span, reason=str(error))
        return Completion(existing, (), (found,))
    done = _completed(service, wanted, package, path, file)
    if known is None:
        return done
    module = f"{package}.{service.name}.messages"
    gone = missing_messages(file, module, known, path)
    return replace(done, diagnostics=(*done.diagnostics, *gone))


def _wanted(service: ir.Service, options: Mapping[str, Sequence[str]]) -> dict[str, _Wanted]:
    messages = {message.name: message for message in service.messages}
    found: dict[str, _Wanted] = {}
    for operation in service.operations:
        for handler in operation.handlers:
            known = found.setdefault(
                handler.method, _Wanted(operation, (), tuple(options.get(handler.method, ())))
            )
            message = messages[handler.message]
            if message not in known.messages:
                found[handler.method] = replace(known, messages=(*known.messages, message))
    return found


def _created(service: ir.Service, wanted: dict[str, _Wanted], package: str) -> Completion:
    title = f"Handlers of {service.title}: `jararaca codegen` adds what is missing, no more."
    text = docstring([title], 0)
    text += "\nfrom __future__ import annotations\n\n"
    asked = " ".join(option for each in wanted.values() for option in each.options)
    names_used = sorted([*_DECORATORS, *(["RetryPolicy"] if "RetryPolicy(" in asked else [])])
    text += f"from jararaca import {', '.join(names_used)}\n\n"
    text += f"from {package}.{service.name} import messages\n\n\n"
    names = _Names("messages", {name: name for name in _DECORATORS})
    text += _controller(service, names)
    text += "\n".join(_stub(name, wanted[name], names, "    ") for name in wanted)
    return Completion(text, tuple(f"{service.controller}.{name}" for name in wanted))


def _completed(
    service: ir.Service,
    wanted: dict[str, _Wanted],
    package: str,
    path: str,
    file: Handwritten,
) -> Completion:
    controller = file.controllers.get(service.controller)
    methods = {} if controller is None else controller.methods
    missing = [name for name in wanted if name not in methods]
    found = _complaints(wanted, missing, methods, path)
    if not missing:
        return Completion(file.text, (), found)
    edits = Edits(file)
    names = _Names(
        edits.module(f"{package}.{service.name}", "messages", service.name),
        {name: edits.name("jararaca", name) for name in _needed(controller is None)},
    )
    indent = "    " if controller is None else controller.indent
    stubs = [_stub(name, wanted[name], names, indent) for name in missing]
    if controller is None:
        edits.append(_controller(service, names) + "\n".join(stubs))
    else:
        edits.add_methods(controller, stubs)
    return Completion(
        edits.text(), tuple(f"{service.controller}.{name}" for name in missing), found
    )


def _needed(whole_class: bool) -> tuple[str, ...]:
    return _DECORATORS if whole_class else _DECORATORS[1:]


def _complaints(
    wanted: dict[str, _Wanted],
    missing: Sequence[str],
    methods: dict[str, Method],
    path: str,
) -> tuple[Diagnostic, ...]:
    """Handlers of no operation, and handlers of other messages than their operation's."""
    found: list[Diagnostic] = []
    for name, method in methods.items():
        if not method.messages:
            continue
        if name in wanted:
            found += _changed_messages(name, method, wanted[name].classes, path)
            continue
        moved = [m for m in missing if set(wanted[m].classes) == set(method.messages)]
        help = f"Move its code into the new stub `{moved[0]}`, then delete it." if moved else None
        span = _span(path, method.name_at)
        found.append(diagnose("orphaned-handler", span, help=help, handler=name))
    return tuple(found)


def _changed_messages(
    name: str, method: Method, expected: Sequence[str], path: str
) -> Iterator[Diagnostic]:
    """What a handler names and does not get, and what it gets and does not name."""
    listed = "` and `".join(expected)
    others = [(given, at) for given, at in method.named if given not in expected]
    if not others and not set(expected) <= set(method.messages):
        others = [(" | ".join(method.messages), method.name_at)]
    for given, at in others:
        yield diagnose(
            "handler-message-changed",
            _span(path, at),
            handler=name,
            given=given,
            expected=listed,
        )


def _span(path: str, at: tuple[int, int, int]) -> Span:
    line, column, end = at
    return Span(path, line, column, line, end)


def _controller(service: ir.Service, names: _Names) -> str:
    text = f"@{names.runtime['MessageBusController']}()\nclass {service.controller}:\n"
    said = f"What {service.title} does when a message arrives."
    return text + docstring([said], 4) + "\n"


def _stub(name: str, wanted: _Wanted, names: _Names, indent: str) -> str:
    """One method, which `stub` marks as not written yet."""
    runtime, operation = names.runtime, wanted.operation
    kinds = [f"{names.messages}.{each}" for each in wanted.classes]
    answers = [reply_type(message, f"{names.messages}.") for message in wanted.messages]
    answer = " | ".join(dict.fromkeys(answers))
    first = wanted.messages[0] if len(kinds) == 1 else None
    said = operation.summary or operation.title or (first and (first.summary or first.title))
    lines = docstring([said or f"Handles {operation.id}."], 4)
    body = "".join(
        f"{indent * 2}{line[4:]}" if line.strip() else line for line in lines.splitlines(True)
    )
    decorator = f"@{runtime['MessageHandler']}("
    return (
        f"{indent}@{runtime['stub']}\n"
        f"{_fitted(decorator, [*kinds, *wanted.options], ')', indent)}"
        f"{_signature(name, runtime['MessageOf'], kinds, answer, indent)}"
        f"{body}"
        f'{indent * 2}raise NotImplementedError("{name}")\n'
    )


def _signature(name: str, message_of: str, kinds: Sequence[str], answer: str, indent: str) -> str:
    argument = f"message: {message_of}[{' | '.join(kinds)}]"
    start, end = f"async def {name}(", f") -> {answer}:"
    if len(kinds) > 1 and len(indent) * 2 + len(f"self, {argument}") > _WIDTH:
        between = f"\n{indent * 3}| "
        argument = f"message: {message_of}[\n{indent * 3}{between.join(kinds)}\n{indent * 2}]"
        return f"{indent}{start}\n{indent * 2}self,\n{indent * 2}{argument},\n{indent}{end}\n"
    return _fitted(start, ["self", argument], end, indent)


def _fitted(start: str, items: Sequence[str], end: str, indent: str) -> str:
    """A line; where it is too long the items have one of their own, and each one if need be."""
    line = f"{indent}{start}{', '.join(items)}{end}\n"
    if len(line) <= _WIDTH + 1:
        return line
    inner = f"{indent * 2}{', '.join(items)}\n"
    if len(inner) > _WIDTH + 1:
        inner = "".join(f"{indent * 2}{item},\n" for item in items)
    return f"{indent}{start}\n{inner}{indent}{end}\n"
