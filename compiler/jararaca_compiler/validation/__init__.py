"""Whether a document, and the values in it, keep to their specification and schemas."""
