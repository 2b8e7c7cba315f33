"""What the front ends agree on: a service before its names, queues and topics are decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from jararaca_compiler import ir
from jararaca_compiler.diagnostics.diagnostic import Diagnostic, diagnose
from jararaca_compiler.documents.node import Node
from jararaca_compiler.documents.source import Document, Span
from jararaca_compiler.project.shared_documents import NOTHING_SHARED, SharedDocuments
from jararaca_compiler.references.resolver import Resolver

Perspective = Literal["application", "client"]


@dataclass(frozen=True, slots=True)
class Options:
    """`exchange` names the service's own; `perspective` "client" turns send and receive around.

    `shares_dead_letters`: the service's queues have one dead-letter queue, instead of one each.
    `shared` says which messages are classes of a package of their own.
    """

    exchange: str = "jararaca"
    perspective: Perspective = "application"
    shares_dead_letters: bool = False
    shared: SharedDocuments = NOTHING_SHARED


@dataclass(frozen=True, slots=True)
class AmqpBinding:
    """A channel's AMQP binding; `queue.name` is "" where the document does not name one."""

    is_queue: bool = False
    exchange: ir.Exchange | None = None
    queue: ir.Queue | None = None
    vhosts: frozenset[str] = frozenset()
    durable: Node | None = None
    """Where the document says so of the queue."""


@dataclass(frozen=True, slots=True, eq=False)
class MessageDraft:
    """A message as it stands: `fields` with its traits; `key` where it has one of its own.

    `fallback` names it otherwise, by what it stands in. `ref` tells messages apart.
    """

    ref: str
    key: str | None
    fallback: str
    fields: Mapping[str, Node]
    span: Span
    schema_format: str | None = None
    message_type: str | None = None

    def text(self, key: str) -> str | None:
        """The text of a field that has one and is not empty."""
        node = self.fields.get(key)
        return node.value or None if node is not None and isinstance(node.value, str) else None


@dataclass(frozen=True, slots=True, eq=False)
class ChannelDraft:
    """A channel: `address` is the topic, also where the document leaves it out."""

    key: str
    address: str
    has_address: bool
    node: Node
    parameters: Mapping[str, Node]
    amqp: AmqpBinding
    messages: tuple[MessageDraft, ...]
    span: Span
    servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ReplyDraft:
    """Where an answer goes, and what it may be."""

    channel: str | None
    address: str | None
    messages: tuple[MessageDraft, ...]
    metadata: ir.Metadata = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class OperationDraft:
    """An operation of the application, whatever the perspective of the document."""

    id: str
    action: ir.Action
    channel: ChannelDraft
    messages: tuple[MessageDraft, ...]
    fields: Mapping[str, Node]
    mandatory: bool
    reply: ReplyDraft | None
    span: Span
    publishing: ir.Publishing = ir.NOTHING_ASKED


@dataclass(slots=True, eq=False)
class ServiceDraft:
    """A document, read."""

    documents: tuple[Document, ...]
    name: str
    title: str
    version: str
    description: str | None
    asyncapi: str | None
    content_type: str = "application/json"
    channels: list[ChannelDraft] = field(default_factory=list)
    operations: list[OperationDraft] = field(default_factory=list)
    messages: list[MessageDraft] = field(default_factory=list)
    servers: list[ir.Server] = field(default_factory=list)
    tags: tuple[str, ...] = ()
    shared_schemas: tuple[str, ...] = ()
    metadata: ir.Metadata = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Context:
    """What every function of a front end needs: references, options, and a place to complain."""

    resolver: Resolver
    options: Options
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def report(self, code: str, node: Node, *, help: str | None = None, **values: object) -> None:
        """A diagnostic at a node."""
        span = self.resolver.span(node)
        self.diagnostics.append(diagnose(code, span, help=help, related=(), **values))

    def choice(self, node: Node, key: str, allowed: tuple[str, ...]) -> str | None:
        """The value of an extension that takes one of a few words; others are a diagnostic."""
        found = node.get(key)
        if found is None or found.value in allowed:
            return None if found is None else str(found.value)
        words = " or ".join(f"`{word}`" for word in allowed)
        self.report(
            "bad-extension", found, help=f"Write {words}.", extension=key, value=found.value
        )
        return None

    def word(self, node: Node, key: str) -> str | None:
        """The value of an extension that takes a text; anything else is a diagnostic."""
        found = node.get(key)
        if found is None:
            return None
        if isinstance(found.value, str) and found.value.strip():
            return found.value
        self.report(
            "bad-extension", found, help="Write a text here.", extension=key, value=found.value
        )
        return None

    def action(self, action: ir.Action) -> ir.Action:
        """What the application does, where the document says what its own subject does."""
        if self.options.perspective == "application":
            return action
        return "send" if action == "receive" else "receive"
