"""Batches: handlers that take many messages in one call, in one unit of work."""
