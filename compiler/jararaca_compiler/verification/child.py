"""The interpreter that imports what was compiled: `python -m jararaca_compiler.verification.child`.

It reads jobs as JSON from standard input and writes what is wrong as JSON to standard output.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from random import Random
from typing import Any

import jsonschema_rs
from jararaca_shared.garbage import few_collections

from jararaca_compiler.schemas.checked_formats import CHECKS
from jararaca_compiler.verification.aimed import Aimed
from jararaca_compiler.verification.bodies import read, written, wrong_form
from jararaca_compiler.verification.defaults import Defaults, part_of
from jararaca_compiler.verification.facts import class_name, differences
from jararaca_compiler.verification.imported import of_imported
from jararaca_compiler.verification.samples import DEEPEST, Sampler

SEED = 20
_KEYS = 5
"""How many values of a message are asked for their partition key."""
_Judged = Sequence[tuple[Any, bool | None]]


def main() -> None:
    """Do the jobs."""
    jobs = json.load(sys.stdin)
    with (
        contextlib.redirect_stdout(sys.stderr),
        warnings.catch_warnings(),
        few_collections(),
    ):
        warnings.simplefilter("ignore")
        found = [service_faults(job, jobs["values"], jobs["aimed"]) for job in jobs["services"]]
    faults = [fault for told, _ in found for fault in told]
    json.dump({"faults": faults, "tried": sum(tried for _, tried in found)}, sys.stdout)


def service_faults(job: dict[str, Any], count: int, most: int) -> tuple[list[dict[str, Any]], int]:
    """What is wrong with a package, and how many values were tried: it cannot be imported, or
    classes differ from their schemas.
    """
    try:
        messages = importlib.import_module(f"{job['package']}.messages")
        routes = importlib.import_module(f"{job['package']}.routes")
    except Exception as error:
        return [{"service": job["service"], "reason": f"{type(error).__name__}: {error}"}], 0
    there = of_imported(routes.SERVICE, messages, job["said"])
    found: list[dict[str, Any]] = [
        {"service": job["service"], "thing": thing, "reason": reason}
        for thing, reason in differences(job["said"], there)
    ]
    if any(job["said"].keys() - there.keys()):
        return found, 0
    tried = 0
    for message in job["messages"]:
        values = _judged(message, job["definitions"], count, most)
        tried += len(values)
        cls = getattr(messages, message["class"])
        reason = (
            _difference(cls, values)
            or _wrong_default(partial(read, cls), message, job, values)
            or _wrong_key(messages, message["keys"], values)
            or wrong_form(cls, (value for value, is_valid in values if is_valid))
        )
        if reason is not None:
            found.append({"service": job["service"], "message": message["name"], "reason": reason})
        headers = message["headers"]
        if headers is None:
            continue
        values = _judged(headers, job["definitions"], count, most)
        tried += len(values)
        model = cls.MESSAGE_HEADERS
        reason = _of_headers(model, values)
        if reason is None and model is not None:
            reason = _wrong_default(model.model_validate, headers, job, values)
        if reason is not None:
            thing = class_name(message["class"])
            found.append({"service": job["service"], "thing": thing, "reason": reason})
    return found, tried


def _judged(
    message: dict[str, Any], every: dict[str, Any], count: int, most: int
) -> list[tuple[Any, bool | None]]:
    """The values of a message, each with whether its schema allows it: its examples, `count` by
    chance, and at most so many at the ends of what the schema says.
    """
    given: list[tuple[Any, bool | None]] = [(example, None) for example in message["examples"]]
    if not message["ends"]:
        return given
    schema = message["schema"]
    definitions = {name: every[name] for name in message["definitions"]}
    judge = jsonschema_rs.Draft202012Validator(
        {"allOf": [schema], "$defs": definitions}, validate_formats=True, formats=CHECKS
    )
    values = Sampler(Random(SEED), definitions, message["deepest"]).values(schema, count)
    valid = next((value for value in values if judge.is_valid(value)), None)
    if message["deepest"] == DEEPEST:
        random = Random(f"{SEED} {message['name']}")
        values += Aimed(definitions, judge.is_valid, random).values(schema, valid, most)
    return [*given, *((value, judge.is_valid(value)) for value in values)]


def _wrong_default(
    read: Callable[[Any], Any], message: dict[str, Any], job: dict[str, Any], judged: _Judged
) -> str | None:
    """The first default of the message's schema that its class does not have, as a sentence."""
    definitions = {name: job["definitions"][name] for name in message["definitions"]}
    valid = (value for value, is_valid in judged if is_valid)
    return Defaults(definitions).wrong(read, message["schema"], valid)


def _wrong_key(messages: Any, keys: list[list[Any]], judged: _Judged) -> str | None:
    """Where a class that is divided among partitions has another key than the document says."""
    for name, part, steps in keys:
        cls = getattr(messages, name)
        for value in [value for value, is_valid in judged if is_valid][:_KEYS]:
            made, header = read(cls, value), {steps[0]: object()}
            expected = header[steps[0]] if part == "header" else part_of(made, tuple(steps))
            try:
                found = made.__partition_key__(header)
            except Exception as error:
                return f"has no partition key: {type(error).__name__}: {error}"
            if found != expected:
                return f"has the partition key {found!r:.100}, and should have {expected!r:.100}"
    return None


def _difference(cls: Any, judged: Iterable[tuple[Any, bool | None]]) -> str | None:
    """The first value that a class and its schema disagree on, as a sentence."""
    for value, is_valid in judged:
        reason = _disagreement(cls, value, is_valid)
        if reason is not None:
            shown = json.dumps(value)
            return f"{shown[:200]}{'...' if len(shown) > 200 else ''} {reason}"
    return None


def _disagreement(cls: Any, value: Any, is_valid: bool | None) -> str | None:
    """What is wrong with what a class makes of a value.

    Of an example (`is_valid` is None) nothing is known, and a time in it may be written otherwise.
    """
    try:
        made = read(cls, value)
    except Exception as error:
        if type(error).__name__ != "DecodeError":
            return f"ends in {type(error).__name__}: {str(error)[:200]}"
        return f"is valid and refused: {str(error)[:200]}" if is_valid else None
    if is_valid is False:
        return "is not valid and accepted"
    body = written(made)
    again = json.loads(body)
    is_kept = again == value or (is_valid is None and written(read(cls, again)) == body)
    return None if is_kept else f"is written as {body.decode()[:200]}"


def _of_headers(model: Any, judged: Iterable[tuple[Any, bool | None]]) -> str | None:
    """The first headers that their class and their schema disagree on; without a class all are
    valid.
    """
    for value, is_valid in judged:
        if not isinstance(value, dict):
            continue
        try:
            if model is not None:
                model.model_validate(value)
        except ValueError as error:
            is_wrong = is_valid
            why = f"are valid and refused: {str(error)[:200]}"
        else:
            is_wrong, why = is_valid is False, "are not valid and accepted"
        if is_wrong:
            return f"the headers {json.dumps(value)[:200]} {why}"
    return None


if __name__ == "__main__":
    main()
