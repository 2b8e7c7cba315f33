"""Other teams' documents: where they are, and how they are read."""
