"""Blame: which message ends the processes that handle it, found without harm to its neighbours."""
