"""What people copy from a message's page: JSON, Python, commands and TypeScript."""
