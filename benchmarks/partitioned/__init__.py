"""Partitions and workers beside one queue and peers: `python -m benchmarks.partitioned`."""
