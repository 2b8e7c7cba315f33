"""What a broker has: read from its management API, a file of definitions, or AMQP alone."""
