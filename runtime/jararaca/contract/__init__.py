"""The contract's plain values: topics, exchanges and queues, headers, and the retry policy."""
