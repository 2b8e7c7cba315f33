"""What bodies look like: gathered value by value without keeping any, and told as JSON Schema."""
