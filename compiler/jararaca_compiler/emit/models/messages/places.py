"""The class of a message on a further channel: the same message, published somewhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jararaca_compiler import ir
from jararaca_compiler.emit.models.class_text import class_text
from jararaca_compiler.emit.models.messages.parameters import parameters_text
from jararaca_compiler.emit.models.messages.publishing import publish_text
from jararaca_compiler.emit.models.messages.requests import request_method_text
from jararaca_compiler.emit.models.messages.settings import place_settings
from jararaca_compiler.emit.python.formatting import docstring


def place_texts(
    message: ir.Message, headers: str | None, key: Callable[[ir.Partitions | None], str]
) -> Iterator[str]:
    """The classes of a message's further channels; `headers` is the class of its headers.

    `key` is what its partition key is taken by there.
    """
    for place in message.elsewhere:
        doc = docstring([f"`{message.class_name}`, published to `{place.topic}`."], 4)
        blocks = [place_settings(message, place)]
        if place.parameters != message.parameters:
            blocks.append(parameters_text([place.parameters]))
            typed = f"{message.class_name}.{headers}" if headers else None
            blocks.append(publish_text(place.parameters, typed, of_place=True))
            if message.replies:
                blocks.append(request_method_text(message, place.parameters, typed, of_place=True))
        if place.partitions is not None and place.partitions != message.partitions:
            blocks.append(key(place.partitions))
        yield class_text(place.class_name, message.class_name, doc, blocks, 0)
