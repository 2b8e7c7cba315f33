"""JSON Schema in its dialects, and the formats that are said in it."""
