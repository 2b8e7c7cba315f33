"""Codes about what is written: handlers, stubs, and generated code."""

from __future__ import annotations

from jararaca_compiler.diagnostics.codes.rule import Rule

OUTPUT = (
    Rule(
        "handlers-not-python",
        "error",
        "the handlers cannot be read: {reason}",
        "Correct the file here. Stubs are added to the code that is there.",
    ),
    Rule(
        "orphaned-handler",
        "warning",
        "`{handler}` no longer belongs to an operation: nothing calls it",
        "Rename it after the operation that it is for, or delete it.",
    ),
    Rule(
        "missing-message",
        "error",
        "`{name}` is used here, and {module} no longer has it",
        "Use another message, or delete the code that needs this one: the file could not be"
        " imported.",
    ),
    Rule(
        "handler-message-changed",
        "warning",
        "`{handler}` takes `{given}`, and its operation now receives `{expected}`",
        "Name the new class in the decorator and in the annotation.",
    ),
    Rule(
        "new-parameter",
        "warning",
        "the topic of `{handler}` is now `{topic}`: {parameters} is new",
        "Read it with `message.parameters`, if the handler needs it.",
    ),
    Rule(
        "not-generated",
        "error",
        "{path} was not written by `jararaca codegen`",
        "Move it away, or choose another folder with `--output`.",
    ),
    Rule(
        "not-importable",
        "error",
        "the code generated for `{package}` cannot be imported: {reason}",
        "Correct the handlers, or report it with the document: generated code always imports.",
    ),
    Rule(
        "differs-from-schema",
        "error",
        "the class `{name}` and its schema disagree: {reason}",
        "This is a bug of the compiler: report it with the schema.",
    ),
    Rule(
        "differs-from-document",
        "error",
        "the generated {thing} is not what the document says: {reason}",
        "Run `jararaca codegen`; where that changes nothing, report it with the document.",
    ),
    Rule(
        "verification-unfinished",
        "error",
        "the classes of `{package}` were not held against their schemas within {seconds} s",
        "`--no-verify` leaves it out. Report it with the document: it should take seconds.",
    ),
    Rule(
        "stale",
        "error",
        "{path} is not what the documents compile to",
        "Run `jararaca codegen`, and commit what it writes.",
    ),
)
