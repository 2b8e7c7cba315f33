"""What a channel is kept in besides the queues of who receives it."""
