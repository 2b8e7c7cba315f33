"""The user's own description of the system: its code and command lines, run as they stand."""
