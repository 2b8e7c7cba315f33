"""What the Makefile needs; only the standard library is there yet."""
