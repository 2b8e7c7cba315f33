"""The compiled service as frozen values, for all rooms: `lower` makes them, `emit` reads them.

Schemas stay JSON Schema: a `Payload` holds one with every `$ref` absolute, `path#/json/pointer`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jararaca_compiler.documents.source import Span

Kind = Literal["event", "task", "websocket"]
Action = Literal["send", "receive"]
Arguments = tuple[tuple[str, Any], ...]
Metadata = Mapping[str, Any]
"""What else the document says about a thing: a JSON value in the words of AsyncAPI 3.0, of which
only the published document is made. References in it lead to schemas (absolute), and (from `#`)
into the published document."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A body's or the headers' schema and where it stands: `path#pointer` identifies it."""

    schema: Any
    path: str
    pointer: str
    span: Span


@dataclass(frozen=True, slots=True)
class Example:
    """A message example from the document; `headers` and `payload` are plain JSON values."""

    name: str | None
    payload: Any
    headers: Any
    span: Span


@dataclass(frozen=True, slots=True)
class Publishing:
    """What an AMQP operation binding asks of every publication; None leaves it to the publisher.

    `expiration` is in milliseconds; `cc` and `bcc` are further routing keys.
    """

    expiration: int | None = None
    priority: int | None = None
    delivery_mode: int | None = None
    user_id: str | None = None
    reply_to: str | None = None
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()


NOTHING_ASKED = Publishing()


@dataclass(frozen=True, slots=True)
class Encoding:
    """The binary form of a body.

    `schema` is JSON: an Avro schema, or the descriptors of Protobuf's files with the message
    `root`. `text` is a Protobuf schema as it was written, "" where it has local imports.
    """

    language: Literal["avro", "protobuf"]
    schema: str
    root: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the clock publishes a task: `cron` in `timezone`, or `every` so many seconds.

    `catch_up` is what becomes of late occurrences; `payload` is the body, a plain JSON value.
    """

    cron: str | None
    every: float | None
    timezone: str
    catch_up: Literal["latest", "all", "none"]
    payload: Any
    span: Span


@dataclass(frozen=True, slots=True)
class Partitions:
    """How a channel's queues are divided: into `count`, by the value at `by` in each message.

    `by` is a runtime expression, like `$message.payload#/orderId`.
    """

    count: int
    by: str


@dataclass(frozen=True, slots=True)
class Place:
    """A further channel that a message is on: `class_name` is the class that is published there.

    The fields are those of a message, which has its first channel's.
    """

    class_name: str
    channel: str
    kind: Kind
    topic: str
    parameters: tuple[Parameter, ...]
    exchange: str | None
    queue: str | None
    mandatory: bool
    publishing: Publishing
    partitions: Partitions | None = None
    filter_by: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message: `name` tells it from the service's others, `class_name` is it in Python.

    `wire_name` is the AMQP `type` property: `name`, unless two messages share it.
    `correlation_id` is the runtime expression that says where it is, like `$message.header#/id`.
    `queue` is what the default exchange delivers to, whatever the topic.
    `replies` are the answers to a message that is a request, by `class_name` and `wire_name`.
    `shared` is the package of shared messages that its class stands in; None: the service's own.
    `on_invalid` is what its handlers do with one that violates its schema, where it is said.
    `filter_by` is where it has the value that readers of its channel's stream choose by.
    """

    name: str
    class_name: str
    kind: Kind
    topic: str
    parameters: tuple[Parameter, ...]
    payload: Payload
    headers: Payload | None
    exchange: str | None
    mandatory: bool
    content_type: str
    title: str | None
    summary: str | None
    description: str | None
    tags: tuple[str, ...]
    deprecated: bool
    examples: tuple[Example, ...]
    span: Span
    wire_name: str = ""
    correlation_id: str | None = None
    publishing: Publishing = NOTHING_ASKED
    metadata: Metadata = field(default_factory=dict, compare=False)
    replies: tuple[tuple[str, str], ...] = ()
    schedule: Schedule | None = None
    queue: str | None = None
    elsewhere: tuple[Place, ...] = ()
    encoding: Encoding | None = None
    shared: str | None = None
    on_invalid: str | None = None
    partitions: Partitions | None = None
    filter_by: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A `{name}` in a channel's address; `word` is the index of its dot-delimited word.

    `pattern` is None where the parameter is the whole word. Else it is a regular expression for
    all of the word, whose one group is the value: a binding key's `*` lets other words through.
    `location` is where the message has the value itself: `$message.payload#/id`.
    """

    name: str
    python_name: str
    word: int
    description: str | None
    enum: tuple[str, ...]
    default: str | None
    examples: tuple[str, ...]
    pattern: str | None = None
    location: str | None = None


KEYLESS = frozenset({"fanout", "headers"})
"""The types of exchanges that look at no routing key, and so at no topic's parameters."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange; `shared` is the service's own, which the broker URL may rename."""

    name: str
    type: str
    durable: bool
    auto_delete: bool
    shared: bool
    arguments: Arguments = ()


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue with RabbitMQ's arguments, sorted by name."""

    name: str
    durable: bool
    exclusive: bool
    auto_delete: bool
    arguments: Arguments = ()


@dataclass(frozen=True, slots=True)
class QueueBinding:
    """exchange -> queue by routing key."""

    exchange: str
    queue: str
    routing_key: str
    arguments: Arguments = ()


@dataclass(frozen=True, slots=True)
class ExchangeBinding:
    """exchange -> exchange by routing key."""

    source: str
    destination: str
    routing_key: str


@dataclass(frozen=True, slots=True)
class PartitionedQueue:
    """A queue that stands for `count` queues on the broker."""

    queue: str
    count: int


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel; `exchange` None is the service's own; `messages` are their `name`s.

    `partitions` is how many queues each of its receivers has, where it is divided; `stream` is the
    name of the log that keeps its events, where the document asks for one, and `filter_by` where
    its messages have what readers choose by.
    """

    key: str
    address: str | None
    parameters: tuple[Parameter, ...]
    exchange: str | None
    queue: str | None
    messages: tuple[str, ...]
    title: str | None
    summary: str | None
    description: str | None
    span: Span
    tags: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    metadata: Metadata = field(default_factory=dict, compare=False)
    is_websocket: bool = False
    is_queue: bool = False
    partitions: int | None = None
    stream: str | None = None
    filter_by: str | None = None


@dataclass(frozen=True, slots=True)
class Security:
    """A way to prove who one is; `name` is its key in `components`, else its type."""

    name: str
    type: str
    scopes: tuple[str, ...]
    description: str | None


@dataclass(frozen=True, slots=True)
class Reply:
    """Where an operation's answer goes, and what it may be."""

    channel: str | None
    address: str | None
    messages: tuple[str, ...]
    metadata: Metadata = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Handler:
    """One method of the controller: it takes one message of a receiving operation."""

    method: str
    message: str
    binding_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """What the application does on a channel; a receiving one has a queue and handlers."""

    id: str
    action: Action
    channel: str
    messages: tuple[str, ...]
    queue: str | None
    handlers: tuple[Handler, ...]
    reply: Reply | None
    title: str | None
    summary: str | None
    description: str | None
    span: Span
    tags: tuple[str, ...] = ()
    security: tuple[Security, ...] = ()
    metadata: Metadata = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Server:
    """A server of the document, for the reader of its page."""

    name: str
    host: str
    protocol: str
    description: str | None
    tags: tuple[str, ...] = ()
    security: tuple[Security, ...] = ()
    metadata: Metadata = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Topology:
    """All exchanges, queues (dead-letter queues included) and bindings of a service.

    `dead_letters` is the queue that all of its queues' dead letters go to, where they share one;
    `workers` is where the workers of `partitioned` queues agree who consumes which.
    """

    exchanges: tuple[Exchange, ...]
    queues: tuple[Queue, ...]
    bindings: tuple[QueueBinding, ...]
    dead_letters: str | None = None
    exchange_bindings: tuple[ExchangeBinding, ...] = ()
    partitioned: tuple[PartitionedQueue, ...] = ()
    workers: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """One application: what one document (or one set of JSON Schemas) compiles to.

    `name` is a Python identifier and the folder of the generated package; `digest` is the
    SHA-256 of the sources' canonical JSON, the first 16 hex digits. `shared_schemas` are the
    absolute references to the schemas in the document's `components`, used or not.
    """

    name: str
    controller: str
    title: str
    version: str
    description: str | None
    source: str
    asyncapi: str | None
    messages: tuple[Message, ...]
    channels: tuple[Channel, ...]
    operations: tuple[Operation, ...]
    servers: tuple[Server, ...]
    topology: Topology
    digest: str
    tags: tuple[str, ...] = ()
    shared_schemas: tuple[str, ...] = ()
    metadata: Metadata = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A file that `write` puts on disk; `path` is relative to the project."""

    path: str
    source: str
