"""Messages as typed values: their base classes, how strictly they read and how they write."""
