"""Channels' addresses: their parameters, their binding keys, and the places of one message."""
