"""Diagnostics: the table of codes, the values made by it, and how they are shown."""
