"""Changes of services and of what they do."""

from __future__ import annotations

from jararaca_compiler.compat.table.rule import KEEP_BOTH, Rule

OPERATIONS: tuple[Rule, ...] = (
    Rule("service-added", "the service is new", ""),
    Rule(
        "service-removed", "the service was removed", "Stop its workers and drain its queues first."
    ),
    Rule(
        "service-renamed",
        "the service `{old}` was renamed to `{new}`",
        "Keep the name: add `x-service: {old}` at the top level of the document.",
    ),
    Rule("operation-added", "the operation is new: it {action} on `{topic}`", ""),
    Rule(
        "operation-removed",
        "the operation was removed: nothing is {action} on `{topic}` any more",
        "Deprecate it first; when nobody uses it, delete it and its queue.",
    ),
    Rule("handler-renamed", "the handler's method `{old}` was renamed to `{new}`", "Keep its id."),
    Rule(
        "operation-message-added",
        "`{name}` is now {action} on `{topic}`",
        "Deploy consumers that know it first.",
    ),
    Rule(
        "operation-message-removed",
        "`{name}` is no longer {action} on `{topic}`",
        "Deprecate it first, and remove it when nobody uses it.",
    ),
    Rule(
        "handler-message-changed",
        "the handler `{method}` took `{old}` and takes `{new}`",
        "Give the new message an operation of its own.",
    ),
    Rule("reply-added", "it is now answered: {new}", ""),
    Rule("reply-changed", "its reply was {old} and is {new}", KEEP_BOTH),
)
