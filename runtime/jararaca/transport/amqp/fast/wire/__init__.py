"""AMQP 0-9-1 on the wire: frames, content headers and field tables, read and written; no I/O."""
