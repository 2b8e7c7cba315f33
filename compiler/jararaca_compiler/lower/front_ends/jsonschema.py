"""JSON Schema documents whose root or `$defs` carry `x-message-topic` -> a draft."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from jararaca_compiler import ir
from jararaca_compiler.documents.node import Node
from jararaca_compiler.documents.source import Document, unescape
from jararaca_compiler.lower.draft import (
    AmqpBinding,
    ChannelDraft,
    Context,
    MessageDraft,
    OperationDraft,
    ServiceDraft,
)
from jararaca_compiler.naming import pascal, snake

_MARKS = ("x-message-topic", "x-message-type", "x-message-action")
_ACTIONS: dict[str, tuple[ir.Action, ...]] = {
    "send": ("send",),
    "receive": ("receive",),
    "both": ("receive", "send"),
}
_OWN_FIELDS = (
    *("title", "description", "examples", "deprecated"),
    *("x-message-type", "x-schedule", "x-on-invalid"),
)

_OF_CHANNELS = frozenset({"x-partitions", "x-stream"})


def carries_messages(document: Document) -> bool:
    """Whether a JSON Schema document describes messages."""
    return any(True for _ in _marked(Node(document.root, document.path, "")))


def service_name(document: Document, context: Context) -> str:
    """What a JSON Schema document's service is called; documents that agree are one service."""
    root = context.resolver.root(document)
    stem = PurePosixPath(document.path).name.split(".")[0]
    return snake(context.word(root, "x-service") or root.text("title") or stem)


def read(documents: Sequence[Document], context: Context) -> ServiceDraft:
    """The draft of the JSON Schema documents of one service, in the order of their paths."""
    root = context.resolver.root(documents[0])
    name = service_name(documents[0], context)
    service = root.text("x-service")
    draft = ServiceDraft(
        documents=tuple(documents),
        name=name,
        title=root.text("title") or service or name,
        version=root.text("x-version") or "",
        description=root.text("description"),
        asyncapi=None,
    )
    for document in documents:
        for node in _marked(context.resolver.root(document)):
            _add(node, draft, context)
    return draft


def _marked(root: Node) -> Iterator[Node]:
    if isinstance(root.value, dict):
        if any(mark in root.value for mark in _MARKS):
            yield root
        for key in ("$defs", "definitions"):
            for _, node in (root.get(key) or Node({}, root.path, "")).items():
                if isinstance(node.value, dict) and any(mark in node.value for mark in _MARKS):
                    yield node


def _add(node: Node, draft: ServiceDraft, context: Context) -> None:
    topic = context.word(node, "x-message-topic")
    over_websockets = node.text("x-message-type") == "websocket"
    if topic is None:
        if over_websockets:
            draft.messages.append(_message(node, context))
        elif node.get("x-message-topic") is None:
            context.report("missing-key", node, key="x-message-topic", where="the message")
        return
    message = _message(node, context)
    topic_node = node.at("x-message-topic", topic)
    channel = next((c for c in draft.channels if c.key == topic), None)
    if channel is None:
        channel = ChannelDraft(
            key=topic,
            address=topic,
            has_address=True,
            node=Node({}, node.path, node.pointer),
            parameters={},
            amqp=AmqpBinding(),
            messages=(message,),
            span=context.resolver.span(topic_node),
        )
    else:
        draft.channels.remove(channel)
        channel = _with_message(channel, message)
    draft.channels.append(channel)
    default = "send" if over_websockets else "receive"
    choice = context.choice(node, "x-message-action", tuple(_ACTIONS)) or default
    name = snake(message.key or message.fallback)
    for action in _ACTIONS[choice]:
        turned = context.action(action)
        draft.operations.append(
            OperationDraft(
                id=f"on_{name}" if turned == "receive" else f"send_{name}",
                action=turned,
                channel=channel,
                messages=(message,),
                fields={k: v for k, v in node.items() if k in ("title", "description")},
                mandatory=False,
                reply=None,
                span=context.resolver.span(node, key=True),
            )
        )


def _with_message(channel: ChannelDraft, message: MessageDraft) -> ChannelDraft:
    return ChannelDraft(
        channel.key,
        channel.address,
        channel.has_address,
        channel.node,
        channel.parameters,
        channel.amqp,
        (*channel.messages, message),
        channel.span,
    )


def _message(node: Node, context: Context) -> MessageDraft:
    """The schema is the payload; its `title` names the one at a document's root."""
    last = unescape(node.pointer.rpartition("/")[2])
    stem = PurePosixPath(node.path).name.split(".")[0]
    key = last or pascal(node.text("title") or stem)
    for name in _OF_CHANNELS & node.value.keys():
        help = "Write an AsyncAPI document, which has channels."
        place = node.at(name, node.value[name])
        context.report("unknown-key", place, help=help, key=name, where="a JSON Schema's message")
    fields = {k: v for k, v in node.items() if k in _OWN_FIELDS}
    fields["payload"] = node
    name = node.get("x-message-name")
    if name is not None:
        fields["name"] = name
    return MessageDraft(node.ref, key, key, fields, context.resolver.span(node, key=True))
