"""Message classes as text: their settings, where they are published, and requests."""
