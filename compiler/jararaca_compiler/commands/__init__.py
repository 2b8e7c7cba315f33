"""The commands around the compiler: reading options, printing, and exit codes."""
