"""`jararaca deploy`."""
