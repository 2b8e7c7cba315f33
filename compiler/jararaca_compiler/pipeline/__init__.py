"""The phases in order, and the only writer."""
