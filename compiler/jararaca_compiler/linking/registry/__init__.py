"""Published contracts, and which version runs where: files in a folder, or in a branch of git."""
