"""Each class of a compilation against its schema: `codegen --verify`, on with `--check`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from jararaca_shared.settings import import_root

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.documents.source import Span
from jararaca_compiler.emit.types.checks import Bundler
from jararaca_compiler.emit.types.discriminators import Discriminators
from jararaca_compiler.emit.types.schemas import Schemas
from jararaca_compiler.lower.partitioning.keys import steps_of
from jararaca_compiler.project.config import Config
from jararaca_compiler.references.evaluations import MOST, EvaluationCounts
from jararaca_compiler.references.resolver import Found, Resolver
from jararaca_compiler.verification.formats import with_samples
from jararaca_compiler.verification.said import places, said
from jararaca_compiler.verification.samples import DEEPEST, SHALLOW

VALUES, AIMED = 50, 1_000
"""How many values each class is given: by chance, and at most at the ends of its schema."""
MOST_VALUES, MOST_AIMED = 2_000, 6_000
"""Of all messages together, which have the same share: a thousand take a few seconds."""
FEWEST_VALUES, FEWEST_AIMED = 2, 6
TIMEOUT = 600
_NOTES = frozenset({"default"})
"""What is held against the classes beside what schemas assert."""
_LONG = 16
"""From so many schemas on that a value is held against one after another, values are shallow."""


def verify(
    services: Iterable[ir.Service], resolver: Resolver, config: Config, root: Path
) -> tuple[list[Diagnostic], int]:
    """What is wrong with the packages on disk, and how many values were tried."""
    listed = tuple(services)
    packages = [f"{config.for_service(each.name).package}.{each.name}" for each in listed]
    jobs = [
        _Job(service, resolver).made(package)
        for service, package in zip(listed, packages, strict=True)
    ]
    command = [sys.executable, "-m", "jararaca_compiler.verification.child"]
    count = sum(len(job["messages"]) for job in jobs)
    values = max(FEWEST_VALUES, min(VALUES, MOST_VALUES // max(count, 1)))
    aimed = max(FEWEST_AIMED, min(AIMED, MOST_AIMED // max(count, 1)))
    given = json.dumps({"values": values, "aimed": aimed, "services": jobs})
    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            cwd=root,
            env={**os.environ, "PYTHONPATH": _import_path(config, root)},
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        told = diagnose(
            "verification-unfinished", _place(listed), package=", ".join(packages), seconds=TIMEOUT
        )
        return [told], 0
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it was killed"])[-1]
        package = ", ".join(packages)
        return [diagnose("not-importable", _place(listed), package=package, reason=last)], 0
    named = {service.name: service for service in listed}
    found = json.loads(done.stdout)
    told_of = [_told(fault, named[fault["service"]]) for fault in found["faults"]]
    return told_of, int(found["tried"])


def _place(services: Sequence[ir.Service]) -> Span:
    """Where something is told that is about all of them."""
    return Span(services[0].source.split(", ")[0] if services else "")


def _import_path(config: Config, root: Path) -> str:
    """Where the child's imports begin, before what this process was given."""
    begin = root / import_root(config.output, config.import_root)
    return os.pathsep.join(filter(None, (str(begin), os.environ.get("PYTHONPATH"))))


def _told(fault: dict[str, Any], service: ir.Service) -> Diagnostic:
    if "thing" in fault:
        place = places(service).get(fault["thing"], _place([service]))
        thing, reason = fault["thing"], fault["reason"]
        return diagnose("differs-from-document", place, thing=thing, reason=reason)
    if "message" not in fault:
        place = _place([service])
        return diagnose("not-importable", place, package=service.name, reason=fault["reason"])
    message = next(each for each in service.messages if each.name == fault["message"])
    name = message.class_name
    return diagnose("differs-from-schema", message.payload.span, name=name, reason=fault["reason"])


class _Job:
    """A service's schemas, each alone, as JSON."""

    def __init__(self, service: ir.Service, resolver: Resolver) -> None:
        self._service = service
        self._resolver = resolver
        self._discriminators = Discriminators(resolver.lookup, service.shared_schemas)
        self._numbers: dict[str, str] = {}
        self._schemas = Schemas(self._lookup)
        self._bundler = Bundler(self._schemas, self._name, _NOTES)
        self._evaluations = EvaluationCounts(self._copy)

    def made(self, package: str) -> dict[str, Any]:
        messages = [self._message(message) for message in self._service.messages]
        definitions = self._bundler.copies
        name = self._service.name
        return {
            "service": name,
            "package": package,
            "messages": messages,
            "definitions": definitions,
            "said": said(self._service, self._resolver.lookup),
        }

    def _message(self, message: ir.Message) -> dict[str, Any]:
        headers = None if message.kind == "websocket" else message.headers
        return {
            **self._sampled(message, message.payload),
            "class": message.class_name,
            "headers": None if headers is None else self._sampled(message, headers),
            "keys": _keys(message),
            "examples": [example.payload for example in message.examples],
        }

    def _sampled(self, message: ir.Message, payload: ir.Payload) -> dict[str, Any]:
        """What values are made of, and judged by."""
        schema = with_samples(self._discriminators.said(payload.schema))
        body, names = self._bundler.parted(schema)
        links, ends = self._evaluated(body, names)
        return {
            "deepest": SHALLOW if links > _LONG else DEEPEST,
            "ends": ends,
            "name": message.name,
            "schema": body,
            "definitions": sorted(names),
            "examples": [],
        }

    def _evaluated(self, body: Any, names: Iterable[str]) -> tuple[int, bool]:
        """How long the chains of a message's schemas are; whether a validator would end."""
        every = [self._evaluations.of(f"#/$defs/{name}") for name in sorted(names)]
        every.append(EvaluationCounts(lambda ref: self._copy(ref) if ref else body).of(""))
        return max(each.links for each in every), all(each.count <= MOST for each in every)

    def _copy(self, ref: str) -> Any:
        return self._bundler.copies[ref.rpartition("/")[2]]

    def _lookup(self, ref: str) -> Found:
        found = self._discriminators.lookup(ref)
        return found._replace(value=with_samples(found.value))

    def _name(self, place: str) -> str:
        return self._numbers.setdefault(place, f"d{len(self._numbers)}")


def _keys(message: ir.Message) -> list[tuple[str, str, tuple[str, ...]]]:
    """Each class of the message that is divided among partitions, with where its key is."""
    divided = [(message.class_name, message.partitions)]
    divided += [(place.class_name, place.partitions) for place in message.elsewhere]
    found = [(name, None if each is None else steps_of(each.by)) for name, each in divided]
    return [(name, *place) for name, place in found if place is not None]
