"""Whether a document has the structure that its specification asks for."""
