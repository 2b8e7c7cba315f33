"""Handling a delivery: match a route, decode, run the handler, decide, and settle."""
