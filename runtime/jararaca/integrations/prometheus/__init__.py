"""Prometheus: counts what became of deliveries, and serves it with what waits, on a port."""

from jararaca.integrations.prometheus.integration import Prometheus

__all__ = ["Prometheus"]
