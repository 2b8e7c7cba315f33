"""Spans, metrics, logs and probes."""
