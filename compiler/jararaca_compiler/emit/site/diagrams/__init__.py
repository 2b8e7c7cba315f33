"""Pictures of which messages flow where."""
