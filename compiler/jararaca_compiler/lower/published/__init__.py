"""What a document says beyond what is compiled, for the document that is published."""
