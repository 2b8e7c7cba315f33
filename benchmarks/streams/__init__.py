"""Reading a stream, beside the stream protocol: `python -m benchmarks.streams`."""
