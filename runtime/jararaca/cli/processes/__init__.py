"""The processes that commands start: a worker, a scheduler, and those that watch over them."""
