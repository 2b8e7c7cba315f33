"""The values of fields: what is accepted, how exact it is, and how it is written."""
