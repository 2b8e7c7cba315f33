"""Sharing partitions among workers, part by part."""
