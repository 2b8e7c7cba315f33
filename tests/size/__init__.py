"""What documents of any size cost: to compile, to import, to look at, and at run time."""
