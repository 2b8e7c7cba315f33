"""What two services say, apart from their schemas: messages, operations, broker, clock."""
