"""The worker's part in reading streams: whose turn it is, and from where."""
