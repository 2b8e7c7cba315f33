"""The project on disk: its configuration, and noticing that its documents were saved."""
