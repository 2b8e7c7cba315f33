"""The AMQP header names that Jararaca writes and reads: the one table of them."""

from __future__ import annotations

PREFIX = "x-jararaca-"

ATTEMPT = "x-jararaca-attempt"
"""Which try the delivery is: 1 or absent is the first."""

TOPIC = "x-jararaca-topic"
"""The routing key that the message was published with, before retries moved it."""

EXCHANGE = "x-jararaca-exchange"
"""The exchange that the message was published to, before retries moved it."""

FIRST_FAILURE = "x-jararaca-first-failure"
"""When the first try failed: ISO 8601, UTC."""

LAST_ERROR = "x-jararaca-last-error"
"""The last failure: the exception's type and text."""

REASON = "x-jararaca-dead-letter-reason"
"""Why the message was dead-lettered, as one sentence."""

ERROR_TYPE = "x-jararaca-error-type"
"""The dotted name of the exception's class."""

TRACEBACK = "x-jararaca-traceback"
"""The last frames of the traceback."""

HANDLER = "x-jararaca-handler"
"""The handler that gave the message up."""

QUEUE = "x-jararaca-queue"
"""The queue that the message was consumed from."""

DEAD_LETTERED_AT = "x-jararaca-dead-lettered-at"
"""When the message was dead-lettered: ISO 8601, UTC."""

UNSETTLED = "x-jararaca-unsettled"
"""How often the message had come back unsettled before it was set aside as a suspect."""

STREAM = "x-jararaca-stream"
"""The stream that the message was read from."""

OFFSET = "x-jararaca-offset"
"""Where in its stream the message stands."""

QUIET = "x-jararaca-quiet"
"""On a replayed message: what its handler publishes is not sent."""

CARRIED = "x-jararaca-carried"
"""Which of the headers the publications of the message's handler have too, with commas between."""

REQUEST = "x-jararaca-request"
"""True if the sender waits for an answer, and must be informed if there will be none."""

PARTITION = "x-jararaca-partition"
"""`3/8`: the fourth of eight partitions. It only leads the message there: who receives it reads the
key itself."""

FAILURE = "x-jararaca-failure"
"""On what is sent instead of an answer: why the request was given up."""

FILTER_VALUE = "x-stream-filter-value"
"""RabbitMQ's: what a stream's readers may choose the message by (3.13 and newer)."""
