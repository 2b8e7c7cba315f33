"""The compiled routing table, and what it declares on the broker."""
