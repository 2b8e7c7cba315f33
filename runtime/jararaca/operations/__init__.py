"""What an operator asks for: dead letters, and a check of the whole installation."""
