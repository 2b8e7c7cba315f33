"""The RabbitMQ with a management API."""

from tests.support.managed import managed_node

__all__ = ["managed_node"]
