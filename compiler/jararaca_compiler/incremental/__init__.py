"""One changed message or schema, compiled alone and put into what the last run has written.

A message's part of every file is a function of its own text, of what it refers to, and of names
that no other message's contents decide. So a document that is cut down to the message (or to the
schema and all that refer to it), compiled by the very same phases as it was and as it is, shows
what changes: that is searched for in the last run's files and replaced. Whatever does not fit, and
whatever new there is to say to a person, is left to a whole run.
"""
