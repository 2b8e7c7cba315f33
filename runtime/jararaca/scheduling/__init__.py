"""The scheduler: what is due, who runs it, and what is remembered of it."""
