"""What all tests share: the services they need, and a place of their own on each."""

from tests.support.brokers import rabbitmq_url, redis_url, scratch_broker_url

__all__ = ["rabbitmq_url", "redis_url", "scratch_broker_url"]
