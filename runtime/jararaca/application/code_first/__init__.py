"""Controllers without a document: the routing table that they amount to."""
