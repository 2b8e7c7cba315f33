"""Handling what was read from a stream: in order, one after the other, with its offset."""
