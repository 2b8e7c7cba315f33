"""What AsyncAPI 3.0 lets stand where, so that what is published is what others accept."""
