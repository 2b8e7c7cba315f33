"""Schemas in other languages, read from files: JSON samples, OpenAPI, GraphQL and XML Schema."""
