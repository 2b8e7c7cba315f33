"""Service -> files: one package or module for each thing that is generated."""
