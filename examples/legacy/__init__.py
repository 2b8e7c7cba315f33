"""A small system as one finds it: scripts on RabbitMQ, and no document. See docs/discovering.md."""
