"""Proofs that every value of one schema is valid under another."""
