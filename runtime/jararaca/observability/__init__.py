"""What a running process tells of itself: log lines, and a small HTTP server for probes."""
