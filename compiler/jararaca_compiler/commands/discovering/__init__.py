"""`jararaca discover`: from a running broker to documents."""
