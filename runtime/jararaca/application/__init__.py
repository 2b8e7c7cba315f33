"""The application: a microservice, what stands around it, and its units of work."""
