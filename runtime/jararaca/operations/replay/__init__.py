"""Replay: events of a stream again, for one handler, or as a fixture."""
