"""Messages that are kept for tests: masked, so that no value of a person's leaves production."""
