"""What a change to some services does to the system that they are part of."""
