"""One module a peer: how each is set up is each project's own recommendation."""
