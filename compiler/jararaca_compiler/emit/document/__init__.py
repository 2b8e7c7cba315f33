"""The published document, self-contained, as YAML and as JSON."""
