"""One module a command of `jararaca`."""
