"""Delayed messages without a plugin: a chain of queues, and what of it is declared."""
