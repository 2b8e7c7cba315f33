"""From messages that were heard to a document: what they are called, their topics and shapes."""
