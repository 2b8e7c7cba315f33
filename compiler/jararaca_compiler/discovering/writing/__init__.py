"""From what was gathered to documents, and into those that people have edited since."""
