"""The ears: what a broker tells of itself, and hearing its messages without disturbing anybody."""
