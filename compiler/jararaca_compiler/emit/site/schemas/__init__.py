"""Schemas as the pages show them."""
