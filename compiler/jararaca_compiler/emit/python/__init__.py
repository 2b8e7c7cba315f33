"""Python source as black writes it."""
