"""What the commands have in common on a terminal."""
