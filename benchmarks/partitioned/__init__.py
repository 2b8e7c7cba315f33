"""Partitions and workers, beside one queue: `python -m benchmarks.partitioned`."""
