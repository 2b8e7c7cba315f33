"""`x-partitions`: what the document says, the key of a message, and what the broker has for it."""
