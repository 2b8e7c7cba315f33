"""One file a target: pure functions from a `Deployment` to texts by their paths."""
