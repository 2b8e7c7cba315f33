"""What linking remembers of the last run: compiled documents and verdicts, by their digests."""
