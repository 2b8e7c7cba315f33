"""A delivery before it happens: what is published, where it comes, and who takes it."""
