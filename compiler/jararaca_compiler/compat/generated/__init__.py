"""What two contracts compile to, side by side: a difference that no change tells is one itself."""
