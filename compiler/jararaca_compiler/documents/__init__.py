"""A document as it was written: its text, its values, and where each part stands."""
