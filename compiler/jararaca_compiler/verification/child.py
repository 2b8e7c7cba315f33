"""The interpreter that imports what was compiled: `python -m jararaca_compiler.verification.child`.

It reads jobs as JSON from standard input and writes what is wrong as JSON to standard output.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import sys
import warnings
from random import Random
from typing import Any

import jsonschema_rs

from jararaca_compiler.schemas.checked_formats import CHECKS
from jararaca_compiler.verification.samples import Sampler

SEED = 20


def main() -> None:
    """Do the jobs."""
    gc.set_threshold(200_000, 50, 100)  # Classes stay: to look through them often finds nothing.
    jobs = json.load(sys.stdin)
    with contextlib.redirect_stdout(sys.stderr), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        faults = [
            fault for job in jobs["services"] for fault in service_faults(job, jobs["values"])
        ]
    json.dump(faults, sys.stdout)


def service_faults(job: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """What is wrong with a package: it cannot be imported, or classes differ from their schemas."""
    try:
        messages = importlib.import_module(f"{job['package']}.messages")
        importlib.import_module(f"{job['package']}.routes")
    except Exception as error:
        return [{"service": job["service"], "reason": f"{type(error).__name__}: {error}"}]
    found = []
    for message in job["messages"]:
        reason = _difference(
            getattr(messages, message["class"]), message, job["definitions"], count
        )
        if reason is not None:
            found.append({"service": job["service"], "message": message["name"], "reason": reason})
    return found


def _difference(cls: Any, message: dict[str, Any], every: dict[str, Any], count: int) -> str | None:
    """The first value that a class and its schema disagree on, as a sentence."""
    schema = message["schema"]
    definitions = {name: every[name] for name in message["definitions"]}
    judge = jsonschema_rs.Draft202012Validator(
        {"allOf": [schema], "$defs": definitions}, validate_formats=True, formats=CHECKS
    )
    sampler = Sampler(Random(SEED), definitions, message["deepest"])
    values = sampler.values(schema, count if message["ends"] else 0)
    judged = [(value, judge.is_valid(value)) for value in values]
    for value, is_valid in [*((example, None) for example in message["examples"]), *judged]:
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
        made = cls.decode(json.dumps(value).encode())
    except Exception as error:
        if type(error).__name__ != "DecodeError":
            return f"ends in {type(error).__name__}: {str(error)[:200]}"
        return f"is valid and refused: {str(error)[:200]}" if is_valid else None
    if is_valid is False:
        return "is not valid and accepted"
    body = made.encode()
    is_kept = json.loads(body) == value or (is_valid is None and cls.decode(body).encode() == body)
    return None if is_kept else f"is written as {body.decode()[:200]}"


if __name__ == "__main__":
    main()
