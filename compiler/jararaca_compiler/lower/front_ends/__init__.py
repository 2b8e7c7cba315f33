"""One front end a format: AsyncAPI 2, AsyncAPI 3 and JSON Schema -> a draft."""
