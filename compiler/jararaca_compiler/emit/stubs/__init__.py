"""Handler stubs: new files, and what is added to a person's own."""
