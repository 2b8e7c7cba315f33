"""Partitions among workers: who consumes which, and how they are handed over."""
