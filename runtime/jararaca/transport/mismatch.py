"""The error for a broker whose queue or exchange differs from the compiled one."""

from __future__ import annotations

from jararaca.contract.topology import PARTITIONS_SUFFIX
from jararaca.errors import TopologyMismatchError

_OF_STREAMS = ("x-max-age", "x-stream-max-segment-size-bytes")


def mismatch(kind: str, name: str, argument: str, wanted: str, found: str) -> TopologyMismatchError:
    """`kind` is queue or exchange; the two values are as a person reads them."""
    if argument == "alternate-exchange" and name.endswith(PARTITIONS_SUFFIX):
        queue = name.removesuffix(PARTITIONS_SUFFIX)
        remedy = (
            f"The queue {queue!r} has another number of partitions: `jararaca topology plan` shows "
            "how to change it and keep the order"
        )
    elif _is_of_stream(name, argument):
        remedy = (
            "To delete a stream deletes the events that it keeps. Make the document say what the "
            "broker has, and let a policy say what it is to keep from now on: `rabbitmqctl "
            "set_policy --apply-to queues NAME '^STREAM$' '{\"max-age\": \"30D\"}'`. Where the "
            "events are not needed, delete the queue (`rabbitmqctl delete_queue`) and start again"
        )
    else:
        remedy = (
            f"Either make the document say what the broker has, or empty and delete the {kind} "
            "(`rabbitmqctl delete_queue` for a queue) and start again: it is declared anew"
        )
    return TopologyMismatchError(
        f"{kind} {name!r} exists on the broker with a different {argument}: compiled {wanted}, "
        f"on the broker {found}. Nothing was changed. {remedy}"
    )


def _is_of_stream(name: str, argument: str) -> bool:
    """Whether it is what a stream keeps; other queues have a limit of their bytes, too."""
    return argument in _OF_STREAMS or (
        argument == "x-max-length-bytes" and name.endswith(".stream")
    )
