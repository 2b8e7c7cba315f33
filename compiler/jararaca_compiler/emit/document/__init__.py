"""The published document, self-contained: JSON in packages, and YAML too where it is shown."""
