"""Two schemas side by side: what changed, where, and what that does."""
