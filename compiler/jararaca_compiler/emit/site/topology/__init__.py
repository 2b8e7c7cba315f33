"""What is declared on the broker, as people look at it and say it."""
