"""What a handler is declared with, and what it may ask for while it runs."""
