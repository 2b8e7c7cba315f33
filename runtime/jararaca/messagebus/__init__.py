"""The message bus as an application starts it: the worker."""
