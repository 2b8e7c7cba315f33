"""A contract held against what is published: heard messages become findings, and a report."""
