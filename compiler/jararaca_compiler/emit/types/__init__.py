"""A schema -> its Python type."""
