"""What wraps the tries of a handler: idempotency, limits of concurrency, and order."""
