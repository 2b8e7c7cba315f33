"""Handlers of the compiled services."""
