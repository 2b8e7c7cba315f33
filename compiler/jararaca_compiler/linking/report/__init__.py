"""A linked system as people and machines read it."""
